import {
  CredentialKeyList,
  CredentialListParameters,
  DeleteParameters,
  TokenData,
  TokenReadParameters,
} from "../../api/index.ts";
import type {
  CredentialCounts,
  CredentialList,
  FilteredPage,
  FoundCredentials,
  Page,
  TokenView,
} from "../../broker/broker.ts";
import type { Reply } from "../answer/answer.ts";
import { describe } from "../answer/describe.ts";
import { sendDone } from "../answer/envelope.ts";
import { badRequest, unsupportedOperation } from "../answer/http-error.ts";
import type { Input } from "../answer/input.ts";
import type { VaultApp } from "../app-types.ts";
import { checkName, nameOf, prefixOf } from "../input/names.ts";
import { pageOf, sendFound, sendKeys } from "./list.ts";
import type { MountRoutes } from "./mount-routes.ts";
import { sendToken, tokenData } from "./token.ts";

/** What `creds` and `self` have in common: reading, listing and deleting. */
export interface TokenNoun {
  readonly tag: string;
  /** Path without a slash at the end. */
  readonly url: string;
  readonly at: MountRoutes;
  read(mount: string, name: string, minimumSeconds: number): Promise<TokenView | undefined>;
  list(mount: string, page: Page): Promise<CredentialList>;
  find(mount: string, page: FilteredPage): Promise<FoundCredentials>;
  count(mount: string, prefix: string): Promise<CredentialCounts | undefined>;
  remove(mount: string, name: string, revoke: boolean): Promise<readonly string[]>;
  /** Answers a read of something below a name; undefined when the path is a name itself. */
  readBelow?(reply: Reply, mount: string, path: string): Promise<Reply> | undefined;
}

/** Registers these operations; the noun's own file adds its write. */
export function tokensOf(app: VaultApp, noun: TokenNoun): void {
  const { tag, url, at } = noun;
  for (const path of [url, `${url}/`]) {
    app.get(path, {
      schema: describe({ tag, summary: "List names", querystring: CredentialListParameters, data: CredentialKeyList }),
      handler: async (request, reply) => {
        if (!request.query.value.list) throw unsupportedOperation();
        return sendList(reply, noun, at.place(request), "", request.query);
      },
    });
  }
  app.get(`${url}/*`, {
    schema: describe({ tag, summary: "Read a token", querystring: TokenReadParameters, data: TokenData }),
    handler: async (request, reply) => {
      const { value } = request.query;
      const mount = at.place(request);
      if (value.list) return sendList(reply, noun, mount, prefixOf(request), request.query);
      const name = nameOf(request);
      const below = noun.readBelow?.(reply, mount, name);
      if (below) return below;
      return sendToken(reply, await noun.read(mount, name, value.minimum_seconds), tokenData);
    },
  });
  app.delete(`${url}/*`, {
    schema: describe({ tag, summary: "Revoke and delete", querystring: DeleteParameters, empty: true }),
    handler: async (request, reply) => {
      const { value } = request.query;
      const warnings = await noun.remove(at.place(request), nameOf(request), value.revoke);
      return sendDone(reply, warnings);
    },
  });
}

const NAMES_ALONE =
  "more than 1000 names, so key_info was left out: ask for pages of at most 1000 with limit and after";

async function sendList(
  reply: Reply,
  noun: TokenNoun,
  mount: string,
  prefix: string,
  { value }: Input<CredentialListParameters>,
): Promise<Reply> {
  const page = { ...pageOf(prefix, value), prefix: prefix + value.prefix };
  const filter = filterOf(value);
  const counts = value.counts ? await noun.count(mount, page.prefix) : undefined;
  if (filter) return sendFound(reply, prefix, await noun.find(mount, { ...page, ...filter }), counts);
  const { names, info } = await noun.list(mount, page);
  const { limit } = page;
  const more = info ? { info, counts, ...(limit !== undefined && { full: limit }) } : { warnings: [NAMES_ALONE] };
  return sendKeys(reply, prefix, names, more);
}

const STATUSES = ["pending", "issued", "failed", "failing"] as const;

function filterOf({
  status,
  server,
  account,
}: Required<CredentialListParameters>): Pick<FilteredPage, "status" | "server" | "account"> | undefined {
  if (status === "" && server === "" && account === "") return undefined;
  const known = STATUSES.find((one) => one === status);
  if (status !== "" && !known) throw badRequest(`status must be one of ${STATUSES.join(", ")}`);
  return {
    ...(known && { status: known }),
    ...(server !== "" && { server: checkName("server", server) }),
    ...(account !== "" && { account }),
  };
}
