import { COMMENT, messageEvent } from "../../../mcp/event-stream.ts";
import { type CallerRequest, fieldsOf, type Outcome, standInAnswer } from "../../../mcp/sign-in-answers.ts";
import { signInAnswer } from "../../../mcp/sign-in-calls.ts";
import { BrokerError } from "../../errors.ts";
import { awaitSession, isUsable } from "../../session/await-login.ts";
import type { ProxyAnswer } from "../../sessions.ts";
import { emptyAnswer, eventAnswer, jsonAnswer, response } from "./answers.ts";
import { agentIn, type Exchange, requestsIn, standInFor } from "./exchange.ts";
import { beginOwnSession, isOwnSession } from "./own-session.ts";
import { neededLogin, noteTold, pendingPrompt } from "./pending-login.ts";
import { isOurTool, listsChanged, signIn } from "./sign-in-tool.ts";

/** Why a person is needed. */
export interface Reason {
  /** A code of docs/errors.md, or what the server said. */
  readonly reason: string;
  /** What it wants beside what is granted. */
  readonly scopes?: readonly string[];
}

/** Section 7 of mcp.md for one exchange: nothing of it is sent to the server. */
export async function answerInstead(exchange: Exchange, why: Reason): Promise<ProxyAnswer> {
  const { request } = exchange;
  if (request.outOfBand) throw signInRequired(exchange, why);
  if (request.method === "DELETE") return emptyAnswer(204);
  if (request.method === "GET") return isOwnSession(exchange) ? untilSignedIn(exchange) : emptyAnswer(405);
  const requests = requestsIn(exchange);
  const [only] = requests;
  if (!only) return emptyAnswer(202);
  if (requests.length === 1 && !exchange.posted?.isBatch) return answerOne(exchange, only, why);
  const outcomes = [];
  for (const one of requests) outcomes.push(response(one.id, await outcomeOf(exchange, one, why)));
  return jsonAnswer(200, outcomes);
}

/** For whoever makes the answers itself: the bridge. */
function signInRequired({ context, found, endpoint }: Exchange, { reason, scopes = [] }: Reason): BrokerError {
  const prompt = pendingPrompt(context, found);
  return new BrokerError("unauthenticated", "a person must sign in before the server can be used", {
    code: "sign_in_required",
    ...(prompt && { prompt }),
    members: {
      reason,
      ...(endpoint && { resource: endpoint.url }),
      ...(scopes.length > 0 && { scope: scopes.join(" ") }),
    },
  });
}

async function answerOne(exchange: Exchange, request: CallerRequest, why: Reason): Promise<ProxyAnswer> {
  if (request.method === "subscriptions/listen") return untilSignedIn(exchange, request);
  if (isOurTool(exchange, request)) return signIn(exchange, request);
  const outcome = await outcomeOf(exchange, request, why);
  const isBegun = request.method === "initialize" && "result" in outcome;
  const session = isBegun ? beginOwnSession(exchange, outcome.result.protocolVersion) : {};
  return jsonAnswer(200, response(request.id, outcome), session);
}

async function outcomeOf(exchange: Exchange, request: CallerRequest, why: Reason): Promise<Outcome> {
  const { context } = exchange;
  const agent = agentIn(exchange, request);
  const standIn = standInFor(exchange);
  // A server that wants more for one call is there for all others.
  const instead = why.scopes ? undefined : standInAnswer(request, agent, standIn);
  if (instead) return instead;
  const need = await neededLogin(exchange, why.scopes ?? []);
  noteTold(exchange, need);
  return signInAnswer(request, agent, standIn, need, (text) => context.seal.fingerprint(text));
}

/** A stream that says nothing until somebody has signed in, then that the lists are other ones, and ends: the next one is the server's. */
function untilSignedIn(exchange: Exchange, listen?: CallerRequest): ProxyAnswer {
  const params = listen && { _meta: { "io.modelcontextprotocol/subscriptionId": listen.id } };
  const events = async function* () {
    const { context, request, found } = exchange;
    const { signal } = request;
    const notifications = fieldsOf(listen?.params?.notifications);
    const acknowledged = { jsonrpc: "2.0", method: "notifications/subscriptions/acknowledged" };
    yield listen ? messageEvent({ ...acknowledged, params: { notifications, ...params } }) : COMMENT;
    await awaitSession(context, found, (one) => isUsable(context, one), Number.POSITIVE_INFINITY, signal);
    if (!signal.aborted) yield listsChanged(params && { params });
  };
  return eventAnswer(events());
}
