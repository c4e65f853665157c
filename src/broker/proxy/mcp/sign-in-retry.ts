import { notSignedIn, type SignInRetry, sayInText, stillWaiting } from "../../../mcp/sign-in-calls.ts";
import { awaitSession, isWaiting } from "../../session/await-login.ts";
import type { FoundSession, ProxyAnswer } from "../../sessions.ts";
import { jsonAnswer, response } from "./answers.ts";
import { agentIn, type Exchange, standInFor } from "./exchange.ts";
import { pendingLogin } from "./pending-login.ts";
import { LONGEST_WAIT_MS } from "./sign-in-tool.ts";

/**
 * MCP-S4: a call that came again with what the person answered. The call itself where nobody waits for a person any more, else
 * the answer to it.
 */
export async function takeUp(exchange: Exchange, retry: SignInRetry): Promise<Exchange | ProxyAnswer> {
  const { context, found, request } = exchange;
  const call = retry.request;
  const agent = agentIn(exchange, call);
  const standIn = standInFor(exchange);
  const say = (text: string) => jsonAnswer(200, response(call.id, sayInText(call, agent, standIn, text)));
  if (retry.action !== "accept") return say(notSignedIn(standIn));
  const isOver = (one: FoundSession) => !isWaiting(context, one);
  const present = await awaitSession(context, found, isOver, LONGEST_WAIT_MS, request.signal);
  const login = pendingLogin(context, present);
  if (login) return say(stillWaiting(standIn, { login }));
  const body = exchange.body && withoutAnswers(exchange.body);
  return { ...exchange, found: present, ...(body && { body }), posted: { messages: [call], isBatch: false } };
}

/** What was added to the call for the sign-in is not the server's to see; all else stays as it was written, numbers too. */
function withoutAnswers(body: Uint8Array): Uint8Array {
  const message = JSON.parse(new TextDecoder().decode(body), exactly) as { params: Record<string, unknown> };
  const { requestState: _, inputResponses: _answers, ...params } = message.params;
  return Buffer.from(JSON.stringify({ ...message, params }));
}

/** V8 tells a reviver how a number was written, and writes it so again (TC39 proposal-json-parse-with-source). */
function exactly(this: unknown, _key: string, value: unknown, ...[context]: { readonly source?: string }[]): unknown {
  const { rawJSON } = JSON as typeof JSON & { rawJSON?(text: string): unknown };
  const source = context?.source;
  return typeof value === "number" && source !== undefined && rawJSON ? rawJSON(source) : value;
}
