import { type Credential, type Reason, settleDeath } from "../../credential/index.ts";
import type { CredentialInfo, CredentialList, Page } from "../broker.ts";
import type { Context } from "../process/context.ts";
import { openCredential } from "../record/records.ts";
import { LARGEST_PAGE, namesOf, ofFirst, unlessDamaged } from "../record/rows.ts";

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
    unlessDamaged(() => infoOf(asRead(context, openCredential(context, row)))),
  );
  const info = new Map(rows.flatMap(([{ name }, found]) => (found ? [[name, found] as const] : [])));
  return { names: slicesOf(rows.map(([{ name }]) => name)), info };
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

/** As a read would judge it: a dead grant has failed when its last token has expired. */
function asRead({ clock }: Context, state: Credential): Credential {
  return state.status === "issued" ? settleDeath(state, clock.now()) : state;
}

function infoOf(state: Credential): CredentialInfo {
  const reason = reasonOf(state);
  return {
    status: state.status,
    server: state.grant.server,
    ...(reason !== undefined && { reason }),
    ...("expiresAt" in state && state.expiresAt !== undefined && { expiresAt: state.expiresAt }),
  };
}

function reasonOf(state: Credential): Reason | undefined {
  if (state.status === "failed") return state.reason;
  if (state.status === "pending") return state.flow === "device" ? state.suspended?.reason : undefined;
  const { trouble } = state;
  return trouble === undefined ? undefined : trouble.kind === "suspect" ? "temporarily_unavailable" : trouble.reason;
}
