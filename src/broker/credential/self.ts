import { type Credential, type Grant, issue, type Judgement, judge } from "../../credential/index.ts";
import { obtainSelf, renewSelf, SELF_PREFIX, type SelfGrant } from "../attempt/self.ts";
import type { SelfInput, TokenView } from "../broker.ts";
import { invalid } from "../errors.ts";
import { detach } from "../process/background.ts";
import type { Context } from "../process/context.ts";
import { moment, newId } from "../process/random.ts";
import { commit } from "../record/commit.ts";
import { grantOf } from "../record/grant.ts";
import { openContent, type SelfContent, selfRow } from "../record/records.ts";
import { openReady, type ReadyOperation } from "../server/operation.ts";
import { boundGrant, OFFLINE_ACCESS } from "../server/resolve-server.ts";
import { issuedView, type Readable, readToken } from "./read-credential.ts";

const RESERVED = ["grant_type", "scope", "client_id", "client_secret", "client_assertion", "client_assertion_type"];

/** Client credentials (RFC 6749 4.4): the grant is made now, and again whenever a read needs a token. */
export async function writeSelf(context: Context, mount: string, name: string, input: SelfInput): Promise<void> {
  const { tokenUrlParams } = input;
  const taken = RESERVED.find((parameter) => Object.hasOwn(tokenUrlParams, parameter));
  if (taken !== undefined) throw invalid(`token_url_params must not contain "${taken}"`);
  const operation = await openReady(context, mount, input);
  const { record, name: server } = operation.server;
  if (record.authMethod === "none") throw invalid(`${SELF_PREFIX}missing client secret in configuration`);
  await context.store.check();
  const grant = selfGrant(operation, grantOf(server, input));
  await detach(context, obtainAndStore(context, operation, name, { grant, tokenUrlParams }));
}

/** As it was bound, but for the client: each new token is the present one's. Nobody is ever away whom it would outlive. */
export function selfGrant({ server }: ReadyOperation, asked: Grant): Grant {
  const { client: _, ...bound } = boundGrant(asked, server);
  return { ...bound, scopes: bound.scopes.filter((scope) => scope !== OFFLINE_ACCESS || asked.scopes.includes(scope)) };
}

async function obtainAndStore(
  context: Context,
  operation: ReadyOperation,
  name: string,
  { grant, tokenUrlParams }: SelfGrant,
): Promise<void> {
  const obtained = await obtainSelf(context, operation, { grant, tokenUrlParams });
  const credential = issue(grant, obtained, moment(context));
  const row = selfRow(context, { mount: operation.mount, name, id: newId() }, { credential, tokenUrlParams });
  await commit(context, () => context.store.write(row, { anything: true }));
}

/** A token of the client itself; "refresh" is a new grant. */
export async function readSelf(
  context: Context,
  mount: string,
  name: string,
  minimumSeconds: number,
): Promise<TokenView | undefined> {
  const read = await readToken(context, readableSelf(context, mount, name), minimumSeconds);
  if (!read) return undefined;
  const { tokenUrlParams } = openContent<SelfContent>(context, read.row);
  return { ...issuedView(context, read), tokenUrlParams };
}

function readableSelf(context: Context, mount: string, name: string): Readable {
  return {
    key: { mount, kind: "self", name },
    judge: judgeSelf,
    renew: (claimed) => renewSelf(context, claimed),
  };
}

/** There is no refresh token, but a new grant is as good, unless the last one failed a moment ago. */
function judgeSelf(state: Credential, minimum: number, now: number): Judgement {
  // A stand-in refresh token lets the one judge decide; it is taken away again before anybody sees it.
  if (state.status !== "issued") return judge(state, minimum, now);
  const judgement = judge({ ...state, refreshToken: "-" }, minimum, now);
  return "credential" in judgement ? ({ ...judgement, credential: state } as Judgement) : judgement;
}
