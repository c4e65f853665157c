import { COMMENT, messageEvent } from "../../../mcp/event-stream.ts";
import { type Agent, type CallerRequest, fieldsOf, signInTool } from "../../../mcp/sign-in-answers.ts";
import {
  elicitation,
  elicitationComplete,
  LISTS_CHANGED,
  type Need,
  notSignedIn,
  type PendingLogin,
  sayInText,
  signedInAnswer,
  signInAnswer,
  signInToolAnswer,
  stillWaiting,
} from "../../../mcp/sign-in-calls.ts";
import { nameOfChange } from "../../process/session-memory.ts";
import { awaitSession, isUsable, isWaiting } from "../../session/await-login.ts";
import type { FoundSession, ProxyAnswer } from "../../sessions.ts";
import { eventAnswer, jsonAnswer, response } from "./answers.ts";
import { agentIn, type Exchange, SESSION_HEADER, standInFor, toolOf } from "./exchange.ts";
import { neededLogin, noteTold, wasTold } from "./pending-login.ts";

/** MCP-S3: nobody is made to wait for longer in one call. Milliseconds. */
export const LONGEST_WAIT_MS = 45_000;

/** How often an agent hears that it waits, where it wants to. Milliseconds. */
const PROGRESS_MS = 10_000;

/** Whether a request calls the tool that the broker adds, and not one of the server's of that name. */
export function isOurTool(exchange: Exchange, request: CallerRequest): boolean {
  const isNamed = request.method === "tools/call" && toolOf(request) === signInTool(standInFor(exchange));
  return isNamed && (!isGood(exchange) || wasTold(exchange));
}

function isGood(exchange: Exchange, found: FoundSession = exchange.found): boolean {
  const { context } = exchange;
  return isUsable(context, found) && !isWaiting(context, found) && !isRefused(exchange, found);
}

function isRefused({ context }: Exchange, { name }: FoundSession): boolean {
  return context.caches.gateway.told.has(`refused ${name}`);
}

/** The server takes no token of this login, or takes it again. */
export function noteRefusal({ context, found }: Exchange, isSo: boolean): void {
  const { told } = context.caches.gateway;
  if (isSo) told.set(`refused ${found.name}`, 1);
  else told.delete(`refused ${found.name}`);
}

/** MCP-S3: the address at once; whoever calls again waits. */
export async function signIn(exchange: Exchange, request: CallerRequest): Promise<ProxyAnswer> {
  const { context, found } = exchange;
  const standIn = standInFor(exchange);
  const agent = agentIn(exchange, request);
  if (isGood(exchange)) return jsonAnswer(200, response(request.id, signedInAnswer(agent, standIn, accountOf(found))));
  const need = await neededLogin(exchange, []);
  const isFirst = noteTold(exchange, need);
  const { login } = need;
  if (login && agent.asksByUrl && agent.era === "legacy")
    return eventAnswer(waitAloud(exchange, request, agent, { need, login, asks: true }));
  if (login && !isFirst && !agent.asksByUrl)
    return eventAnswer(waitAloud(exchange, request, agent, { need, login, asks: false }));
  const outcome = agent.asksByUrl
    ? signInAnswer(request, agent, standIn, need, (text) => context.seal.fingerprint(text))
    : signInToolAnswer(agent, standIn, need);
  return jsonAnswer(200, response(request.id, outcome));
}

interface Asked {
  readonly need: Need;
  readonly login: PendingLogin;
  /** The agent shows the address by itself. */
  readonly asks: boolean;
}

/** Requests of ours to an agent; what it answers is not the server's. */
const OWN_REQUEST = "coatcheck-sign-in-";

/**
 * Whether what was posted answers a request of ours. Where a person will not sign in, or the agent cannot ask them (an error), who
 * waits for that waits no longer.
 */
export function takeAnswers({ context, found, headers, posted }: Exchange): boolean {
  const answers = posted?.messages.filter(({ id, method }) => method === undefined && isOwn(id)) ?? [];
  for (const { id, result, error } of answers) {
    const { action } = fieldsOf(result);
    const isDeclined = action === "decline" || action === "cancel";
    if (!isDeclined && error === undefined) continue;
    context.caches.gateway.told.set(declineKey(found, headers, String(id)), isDeclined ? DECLINED : UNABLE);
    context.sessions.waiters.changed(nameOfChange(found.mount, found.name));
  }
  return answers.length > 0;
}

function isOwn(id: unknown): boolean {
  return String(id).startsWith(OWN_REQUEST);
}

/** What is remembered of an answer. */
const DECLINED = 1;
const UNABLE = 2;

/** Of the request `id`, by the agent that was asked. */
function declineKey({ id: session }: FoundSession, headers: Exchange["headers"], id: string): string {
  return `declined ${session}\n${headers[SESSION_HEADER] ?? ""}\n${id}`;
}

async function* waitAloud(
  exchange: Exchange,
  request: CallerRequest,
  agent: Agent,
  { need, login, asks }: Asked,
): AsyncGenerator<string> {
  const { context, found, headers } = exchange;
  const standIn = standInFor(exchange);
  const declined = declineKey(found, headers, OWN_REQUEST + login.id);
  const { told } = context.caches.gateway;
  const isUnwilling = () => asks && told.has(declined);
  yield COMMENT;
  if (asks) {
    told.delete(declined);
    const params = elicitation(standIn, need, login);
    yield messageEvent({ jsonrpc: "2.0", id: OWN_REQUEST + login.id, method: "elicitation/create", params });
  }
  const present = yield* waiting(exchange, request, isUnwilling);
  const isDone = isGood(exchange, present);
  if (isDone && asks) yield messageEvent(elicitationComplete(login));
  if (isDone && agent.era === "legacy") yield listsChanged();
  const isStill = isWaiting(context, present);
  const waits = stillWaiting(standIn, isStill ? need : { problem: "the login came to nothing" });
  const text = asks && told.get(declined) === DECLINED ? notSignedIn(standIn) : waits;
  const late = sayInText(request, agent, standIn, text);
  yield messageEvent(response(request.id, isDone ? signedInAnswer(agent, standIn, accountOf(present)) : late));
}

/** Until the login is over, or the person will not sign in, or it has lasted long enough; tells of it meanwhile. */
async function* waiting(
  { context, found, request: { signal } }: Exchange,
  { params }: CallerRequest,
  isDeclined: () => boolean,
) {
  const { progressToken } = fieldsOf(params?._meta);
  const isOver = (one: FoundSession) => isDeclined() || !isWaiting(context, one);
  let present: FoundSession = found;
  for (let waited = 0; waited < LONGEST_WAIT_MS && !signal.aborted; ) {
    const part = Math.min(PROGRESS_MS, LONGEST_WAIT_MS - waited);
    present = await awaitSession(context, present, isOver, part, signal);
    if (isOver(present)) break;
    waited += part;
    const told = { progressToken, progress: waited, total: LONGEST_WAIT_MS };
    if (progressToken !== undefined)
      yield messageEvent({ jsonrpc: "2.0", method: "notifications/progress", params: told });
  }
  return present;
}

function accountOf({ state }: FoundSession): string | undefined {
  const identity = state.status === "issued" ? state.identity : undefined;
  return identity && (identity.name ?? identity.subject);
}

/** To an agent that was given lists without the server's tools. */
export function listsChanged(meta: object = {}): string {
  return LISTS_CHANGED.map((method) => messageEvent({ jsonrpc: "2.0", method, ...meta })).join("");
}
