import {
  type Credential,
  type Event,
  type Grant,
  type Issued,
  isOperatorReason,
  issue,
  type Judgement,
  judge,
  operationTimeout,
  type Refusal,
  transition,
} from "../../credential/index.ts";
import type { Call } from "../../protocol/client.ts";
import { clientCredentialsRequest } from "../../protocol/client-credentials.ts";
import type { Claimed, Row, RowContent } from "../../store/port.ts";
import { refusalOf } from "../attempt/refusal.ts";
import { requestTokens, type Told } from "../attempt/upstream.ts";
import type { SelfInput, TokenView } from "../broker.ts";
import { invalid } from "../errors.ts";
import { type Context, callWithin, detach, moment, newId } from "../process/context.ts";
import { whileHeld } from "../process/lease.ts";
import { commit } from "../record/commit.ts";
import { grantOf } from "../record/grant.ts";
import { openContent, plainRow, type SelfContent } from "../record/records.ts";
import { settingsOf } from "../record/settings.ts";
import { type ResolvedServer, resolveServer, ServerProblem } from "../server/resolve-server.ts";
import { joinScopes } from "../server/scopes.ts";
import { serverNameOf } from "../server/server-name.ts";
import { type Readable, readToken, viewOf } from "./read-credential.ts";
import { resolveForWrite, type ServerForWrite, secondsLeft } from "./redeem-write.ts";

const PREFIX = "client credentials flow failed: ";

const RESERVED = ["grant_type", "scope", "client_id", "client_secret", "client_assertion", "client_assertion_type"];

/** Client credentials (RFC 6749 4.4): the grant is made now, and again whenever a read needs a token. */
export async function writeSelf(context: Context, mount: string, name: string, input: SelfInput): Promise<void> {
  const taken = RESERVED.find((parameter) => Object.hasOwn(input.tokenUrlParams, parameter));
  if (taken !== undefined) throw invalid(`token_url_params must not contain "${taken}"`);
  const serverName = await serverNameOf(context, mount, input.server);
  const server = await resolveForWrite(context, mount, { server: serverName, providerOptions: input.providerOptions });
  if (server.record.authMethod === "none") throw invalid(`${PREFIX}missing client secret in configuration`);
  await context.store.check();
  const grant = grantOf(serverName, input);
  await detach(context, grantAndStore(context, mount, name, server, { grant, tokenUrlParams: input.tokenUrlParams }));
}

interface Wish {
  readonly grant: Grant;
  readonly tokenUrlParams: Readonly<Record<string, string>>;
}

async function grantAndStore(
  context: Context,
  mount: string,
  name: string,
  server: ServerForWrite,
  wish: Wish,
): Promise<void> {
  const requestedAt = context.clock.now();
  const { call, done } = callWithin(context, secondsLeft(context, server));
  const told = await request(context, server, wish, call).finally(done);
  if (told.outcome.kind !== "tokens") throw refusalOf(told, "repeatable");
  const credential = issue(wish.grant, { tokens: withoutRefresh(told.outcome.tokens), requestedAt }, moment(context));
  const content: SelfContent = { credential, tokenUrlParams: wish.tokenUrlParams };
  const row = selfRow(context, { mount, name, id: newId() }, content);
  await commit(context, () => context.store.write(row, { anything: true }));
}

function request(context: Context, server: ResolvedServer, wish: Wish, call: Call): Promise<Told> {
  const scope = joinScopes(server, wish.grant.scopes);
  const parameters = { parameters: wish.tokenUrlParams, ...(scope !== "" && { scope }) };
  return requestTokens(context, server, call, {
    send: (client, within) => clientCredentialsRequest(server.metadata, client, parameters, within),
    prefix: PREFIX,
    secrets: Object.values(wish.tokenUrlParams).filter((value) => value !== ""),
  });
}

/** OA-19: a refresh token that comes with client credentials is ignored. */
function withoutRefresh<T extends { refreshToken?: string }>({ refreshToken: _, ...tokens }: T) {
  return tokens;
}

function selfRow(
  context: Context,
  { mount, name, id }: { mount: string; name: string; id: string },
  content: SelfContent,
): RowContent {
  return plainRow(context, { mount, kind: "self", name, id }, content, { server: content.credential.grant.server });
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
  return { ...viewOf(context, read), tokenUrlParams };
}

export function openSelf(context: Context, row: Row): Credential {
  return openContent<SelfContent>(context, row).credential;
}

function readableSelf(context: Context, mount: string, name: string): Readable {
  return {
    key: { mount, kind: "self", name },
    open: (row) => openSelf(context, row),
    judge: judgeSelf,
    renew: (claimed) => renew(context, claimed),
  };
}

/** There is no refresh token, but a new grant is as good, unless the last one failed a moment ago. */
function judgeSelf(state: Credential, minimum: number, now: number): Judgement {
  // A stand-in refresh token lets the one judge decide; it is taken away again before anybody sees it.
  if (state.status !== "issued") return judge(state, minimum, now);
  const judgement = judge({ ...state, refreshToken: "-" }, minimum, now);
  return "credential" in judgement ? ({ ...judgement, credential: state } as Judgement) : judgement;
}

async function renew(context: Context, claimed: Claimed): Promise<void> {
  const { row, claim } = claimed;
  const content = openContent<SelfContent>(context, row);
  const requestedAt = context.clock.now();
  const seconds = operationTimeout(await settingsOf(context, row.mount), 0, 0);
  const event = await whileHeld(context, claimed, seconds, (call) => renewal(context, row, content, requestedAt, call));
  const credential = (transition(content.credential, event, moment(context)) ?? content.credential) as Issued;
  const next = selfRow(context, row, { ...content, credential });
  await commit(context, () => context.store.settle(next, { claim }));
}

/** Client credentials have no grant that could die: a refusal is the operator's to mend, and the next read asks again. */
function trouble(outcome: Refusal, text: string): Event {
  const ends = outcome.kind === "refused" && !isOperatorReason(outcome.error.code);
  if (ends) return { type: "server-unusable", reason: "unauthorized_client", text, doubt: false };
  // Nothing is consumed by a request without an answer.
  const harmless = outcome.kind === "ambiguous" ? { ...outcome, kind: "unavailable" as const } : outcome;
  return { type: "refused", outcome: harmless, text, doubt: false };
}

async function renewal(
  context: Context,
  row: Row,
  content: SelfContent,
  requestedAt: number,
  call: Call,
): Promise<Event> {
  const { grant } = content.credential;
  try {
    const server = await resolveServer(context, row.mount, grant, call);
    const told = await request(context, server, { grant, tokenUrlParams: content.tokenUrlParams }, call);
    const { outcome, text } = told;
    if (outcome.kind !== "tokens") return trouble(outcome, text);
    return { type: "issued", issue: { tokens: withoutRefresh(outcome.tokens), requestedAt } };
  } catch (error) {
    if (!(error instanceof ServerProblem)) throw error;
    return { type: "server-unusable", reason: error.reason, text: error.message, doubt: false };
  }
}
