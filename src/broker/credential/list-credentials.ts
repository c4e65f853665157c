import { MOST_COUNTED } from "../../store/port.ts";
import type {
  CredentialCounts,
  CredentialInfo,
  CredentialList,
  FilteredPage,
  FoundCredentials,
  Page,
} from "../broker.ts";
import type { Context } from "../process/context.ts";
import { accountFacet, isAccount, type StateFacet } from "../record/facets.ts";
import { areFiled } from "../record/filing.ts";
import { isLaneOf } from "../record/grant.ts";
import { findRows, LARGEST_PAGE, namesOf, ofFirst, unlessDamaged } from "../record/rows.ts";
import { lanesOf } from "../server/lanes.ts";
import { findServer } from "../server/server-record.ts";
import { infoOfRow } from "./credential-info.ts";

type Kind = "creds" | "self";

/**
 * Names with status, never tokens, codes or links; a damaged record is listed by its name alone. What does not fit into a
 * page of 1,000 is names alone, in slices, and nothing is opened for it.
 */
export async function listCredentials(
  context: Context,
  mount: string,
  kind: Kind,
  page: Page,
): Promise<CredentialList> {
  const { prefix, after = "", limit = Number.POSITIVE_INFINITY } = page;
  if (limit > LARGEST_PAGE && !(await isShort(context, mount, kind, page)))
    return { names: namesOf(context, mount, kind, page) };
  const rows = await ofFirst(context, { mount, kind, prefix, after, limit: Math.min(limit, LARGEST_PAGE) }, (row) =>
    unlessDamaged(() => infoOfRow(context, row)),
  );
  const info = new Map(rows.flatMap(([{ name }, found]) => (found ? [[name, found] as const] : [])));
  return { names: slicesOf(rows.map(([{ name }]) => name)), info };
}

/**
 * One page of those that the filter lets through, with status; a damaged record is none of them. Its index is that of the account,
 * else of the status, else of the server, and what it has is opened and judged by all of the filter.
 */
export async function findCredentials(
  context: Context,
  mount: string,
  kind: Kind,
  { prefix, after = "", limit = LARGEST_PAGE, server, status, account }: FilteredPage,
): Promise<FoundCredentials> {
  const facet = account === undefined ? status : accountFacet(context, mount, account);
  const isByFacet = facet !== undefined && (await areFiled(context));
  const narrowed = isByFacet ? { facet } : await lanesIn(context, mount, server);
  const which = { mount, kind, prefix, after, ...narrowed };
  const { found, next } = await findRows(context, { ...which, limit: Math.min(limit, LARGEST_PAGE) }, (row) => {
    if (server !== undefined && !isLaneOf(row.server, server)) return undefined;
    return unlessDamaged(() => {
      const info = infoOfRow(context, row);
      return isWanted(info, status) && isOf(info, account) ? info : undefined;
    });
  });
  const infos = new Map(found.map(([{ name }, info]) => [name, info]));
  return { found: infos, ...(next !== undefined && { next }) };
}

async function lanesIn(context: Context, mount: string, server: string | undefined) {
  return server === undefined ? {} : lanesOf(server, (await findServer(context, mount, server))?.record);
}

/** How many there are in each state below a prefix, from the index; undefined while that does not know all of them. */
export async function countCredentials(
  context: Context,
  mount: string,
  kind: Kind,
  prefix: string,
): Promise<CredentialCounts | undefined> {
  if (!(await areFiled(context))) return undefined;
  const count = (facet: StateFacet) => context.store.count({ mount, kind, prefix, facet });
  const [pending, issued, failed] = [await count("pending"), await count("issued"), await count("failed")];
  const [failing, dead] = [await count("failing"), await count("dead")];
  // A dead grant counts as failed from when that is known, also while its last access token lives.
  return { pending, issued: issued < MOST_COUNTED ? issued - dead : issued, failed, failing };
}

function isWanted(info: CredentialInfo, status: FilteredPage["status"]): boolean {
  if (status === "failing") return info.status === "failed" || info.reason !== undefined;
  return status === undefined || info.status === status;
}

function isOf({ account: known }: CredentialInfo, account: FilteredPage["account"]): boolean {
  return account === undefined || isAccount(known, account);
}

/** Whether all of it is one page. */
async function isShort(context: Context, mount: string, kind: Kind, page: Page): Promise<boolean> {
  let count = 0;
  for await (const names of namesOf(context, mount, kind, { ...page, limit: LARGEST_PAGE + 1 })) count += names.length;
  return count <= LARGEST_PAGE;
}

async function* slicesOf(names: readonly string[]): AsyncGenerator<readonly string[]> {
  yield names;
}
