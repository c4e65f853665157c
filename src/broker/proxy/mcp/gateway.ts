import { isRenewable } from "../../../credential/index.ts";
import type { CallerRequest } from "../../../mcp/sign-in-answers.ts";
import { signInRetry } from "../../../mcp/sign-in-calls.ts";
import type { ToolPolicy } from "../../../mcp/tool-policy.ts";
import { sameText } from "../../../process/same-text.ts";
import { statusOf } from "../../../session/index.ts";
import { BrokerError, noSession } from "../../errors.ts";
import type { Context } from "../../process/context.ts";
import { leadsTo } from "../../server/leads-to.ts";
import { findServer } from "../../server/server-record.ts";
import { reopened } from "../../session/await-login.ts";
import { ownersSession } from "../../session/owners-session.ts";
import { findSession } from "../../session/session.ts";
import type { McpRequest, ProxyAnswer } from "../../sessions.ts";
import { requestHeaders } from "../proxy-headers.ts";
import { endOf } from "../session-end.ts";
import type { Sent } from "../with-token.ts";
import { answerOf } from "./answer-of.ts";
import { emptyAnswer, failure, jsonAnswer, response } from "./answers.ts";
import { auditOf } from "./audit.ts";
import { missingScopes } from "./challenge.ts";
import { endpointOf } from "./endpoint.ts";
import { deniedCall, type Exchange, handshakeKey, requestsIn, toolOf } from "./exchange.ts";
import { postedTo } from "./old-transport.ts";
import { initializeAt, isOwnSession, NoSuchSession, withServersSession } from "./own-session.ts";
import { readPosted, Unreadable } from "./posted.ts";
import { answerInstead, type Reason } from "./sign-in.ts";
import { takeUp } from "./sign-in-retry.ts";
import { isOurTool, noteRefusal, signIn, takeAnswers } from "./sign-in-tool.ts";
import { sendTo } from "./upstream.ts";

/**
 * Passes a request on to the MCP server of a session (section 8 of mcp.md), with the access token that its caller never sees. What
 * needs a person is answered in the server's place, never as HTTP: an agent would begin a login of its own.
 */
export async function passMcp(
  context: Context,
  mount: string,
  secret: string | undefined,
  request: McpRequest,
): Promise<ProxyAnswer> {
  const isOwner = secret === undefined;
  const found = await (isOwner ? ownersSession(context, mount, request.server) : findSession(context, mount, secret));
  const { session, state } = found;
  if (session.server !== request.server)
    throw new BrokerError("absent", "this session is of another server than the path names");
  const record = (await findServer(context, mount, session.server))?.record;
  const endpoint = endpointOf(record, state.grant);
  const title = URL.parse(endpoint?.url ?? leadsTo(record, state.grant).api ?? "")?.host ?? session.server;
  const isActive = statusOf(state, context.clock.now()).kind === "active";
  if (endpoint === undefined && isActive)
    throw new BrokerError("absent", "this server is no MCP server: its operator lists one as mcp in proxy_apis");
  const policies = [record?.sessions?.tools, session.tools].filter((one): one is ToolPolicy => one !== undefined);
  const headers = headersOf(request.headers);
  const asked = { context, found, request, endpoint, title, headers, policies };
  if (request.method !== "POST") return serve(asked);
  const body = await request.readBody({ isSignedIn: isActive });
  keepWhileUnderWay(context, found.id, request, body);
  try {
    return await serve({ ...asked, body, posted: readPosted(body, headers) });
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    const { code, message, id } = error;
    return jsonAnswer(400, response(id, { error: { code, message } }));
  }
}

/** It is kept for a second try, and its messages for the audit: as long as its caller has not the whole answer. */
function keepWhileUnderWay(
  { caches }: Context,
  id: string,
  { signal }: McpRequest,
  body: Uint8Array | undefined,
): void {
  const share = caches.gateway.held.shareOf(id);
  share.hold(body?.length ?? 0);
  if (signal.aborted) share.end();
  else signal.addEventListener("abort", () => share.end(), { once: true });
}

const NOT_THE_SERVERS: ReadonlySet<string> = new Set(["origin", "referer", "content-encoding"]);

/** What speaks of a browser's page, or to the broker, is not the server's; nor is a packing, since the body was read as it is. */
function headersOf(raw: readonly string[]): Readonly<Record<string, string>> {
  const headers = requestHeaders(raw);
  for (const name of Object.keys(headers))
    if (NOT_THE_SERVERS.has(name) || name.startsWith("coatcheck-")) delete headers[name];
  return headers;
}

async function serve(exchange: Exchange): Promise<ProxyAnswer> {
  const { context, found, request } = exchange;
  const audit = auditOf(exchange);
  const denied = deniedCall(exchange);
  // The tool that the broker adds is no server's, and no policy is about it.
  if (denied && (request.outOfBand || !ownCall(exchange))) {
    audit("denied");
    const error = { code: -32602, message: `Unknown tool: ${toolOf(denied)}` };
    return jsonAnswer(200, response(denied.id ?? null, { error }));
  }
  if (takeAnswers(exchange)) return emptyAnswer(202);
  try {
    const status = statusOf(found.state, context.clock.now());
    const instead = request.outOfBand ? undefined : await withoutServer(exchange);
    if (instead && "status" in instead) return instead;
    const next = instead ?? exchange;
    if (status.kind === "active" || instead) return withLoginEnd(next, await pass(next, audit));
    const reason = status.kind === "pending" ? "authorization_pending" : status.ended.reason;
    return await needsPerson(exchange, { reason }, audit);
  } catch (error) {
    return tellInBand(exchange, error, audit);
  }
}

/** What is the broker's own of a call: the tool `sign_in`, and a call that comes again after a sign-in. */
async function withoutServer(exchange: Exchange): Promise<Exchange | ProxyAnswer | undefined> {
  const { context } = exchange;
  const only = onlyRequest(exchange);
  if (!only) return undefined;
  if (ownCall(exchange)) return signIn(exchange, only);
  const mac = (text: string) => context.seal.fingerprint(text);
  const retry = signInRetry(only, context.clock.now(), mac, sameText);
  return retry && takeUp(exchange, retry);
}

/** MCP-T5: whoever makes the answers itself is told when a login ends that nothing renews. Whole seconds. */
function withLoginEnd({ context, found, request }: Exchange, answer: ProxyAnswer): ProxyAnswer {
  const { state } = found;
  if (!request.outOfBand || state.status !== "issued" || isRenewable(state) || state.expiresAt === undefined)
    return answer;
  const left = Math.max(Math.floor((state.expiresAt - context.clock.now()) / 1000), 0);
  return { ...answer, headers: { ...answer.headers, "coatcheck-login-ends-in": String(left) } };
}

function onlyRequest(exchange: Exchange): CallerRequest | undefined {
  const [only, ...more] = requestsIn(exchange);
  return more.length > 0 || exchange.posted?.isBatch ? undefined : only;
}

/** A call of the tool `sign_in`, by itself. */
function ownCall(exchange: Exchange): CallerRequest | undefined {
  const only = onlyRequest(exchange);
  return only && isOurTool(exchange, only) ? only : undefined;
}

function needsPerson(exchange: Exchange, why: Reason, audit: (status: string) => void): Promise<ProxyAnswer> {
  audit("sign_in_required");
  return answerInstead(exchange, why);
}

/** An error that an agent can read; whoever makes the answers itself gets it as HTTP. */
async function tellInBand(exchange: Exchange, error: unknown, audit: (status: string) => void): Promise<ProxyAnswer> {
  if (error instanceof NoSuchSession) {
    return jsonAnswer(404, response(null, { error: { code: -32600, message: "no such session: initialize again" } }));
  }
  if (!(error instanceof BrokerError) || error.kind === "unauthenticated") throw error;
  const { reason = error.detail.code ?? error.kind } = error.detail;
  if (error.kind === "refused" && error.detail.reason !== undefined && error.fixedBy === "person")
    return needsPerson(exchange, { reason }, audit);
  audit("failed");
  const [only, ...more] = requestsIn(exchange);
  if (exchange.request.outOfBand || !only || more.length > 0) throw error;
  return jsonAnswer(200, response(only.id, failure(error.message, reason)));
}

/** What is under way ends with its session. */
async function pass(exchange: Exchange, audit: (status: string | number) => void): Promise<ProxyAnswer> {
  const { context, found, request } = exchange;
  const endpoint = postedTo(exchange);
  if (!endpoint) throw noSession();
  const lasting = endOf(context, found, lookAt(context, found.id), request.signal);
  const { signal } = lasting;
  try {
    const headers = await withServersSession(exchange, (params) => initializeAt(exchange, endpoint, params, signal));
    const outgoing = { method: request.method, headers, signal, ...(exchange.body && { body: exchange.body }) };
    const sent = await sendTo(exchange, endpoint, found, outgoing);
    const why = await refusalOf(exchange, sent);
    if (!why) return answerOf(exchange, sent, audit);
    await sent.answer.cancel();
    const present = await reopened(context, found);
    // A login was approved while the request was on its way: its token is another one.
    if (present.name !== found.name)
      return answerOf(exchange, await sendTo(exchange, endpoint, present, outgoing), audit);
    return await needsPerson(exchange, why, audit);
  } catch (error) {
    throw lasting.hasEnded ? noSession() : error;
  }
}

/** A stream may last for days: what looks after it holds neither the request nor the grant that was read for it. */
function lookAt(context: Context, id: string): () => ReturnType<typeof reopened> {
  return () => reopened(context, { id });
}

/** Why an answer is not the caller's to see: the server wants another token (MCP-T2), more scopes (MCP-T3), or sends elsewhere. */
async function refusalOf(exchange: Exchange, { answer }: Sent): Promise<Reason | undefined> {
  const { status, headers } = answer;
  if (status === 404 && isOwnSession(exchange)) exchange.context.caches.gateway.begun.delete(handshakeKey(exchange));
  noteRefusal(exchange, status === 401);
  if (status === 401) return { reason: "token_refused" };
  const scopes = status === 403 ? missingScopes([headers["www-authenticate"] ?? []].flat()) : [];
  if (scopes.length > 0) return { reason: "insufficient_scope", scopes };
  if (status < 300 || status >= 400 || status === 304) return undefined;
  await answer.cancel();
  const text = "the server redirects to another address, and the token is for this one alone";
  throw new BrokerError("repeat", text, { code: "foreign_redirect" });
}
