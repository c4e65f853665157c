import { EventReader } from "../../../mcp/event-stream.ts";
import { type Fields, fieldsOf } from "../../../mcp/sign-in-answers.ts";
import type { Forwarded } from "../../../protocol/forward.ts";
import { BrokerError } from "../../errors.ts";
import { newId } from "../../process/random.ts";
import type { Endpoint } from "./endpoint.ts";
import { type Exchange, handshakeKey, requestsIn, SESSION_HEADER } from "./exchange.ts";
import { rememberHandshake } from "./messages.ts";
import { sendTo } from "./upstream.ts";

/**
 * A legacy agent that came before anybody had signed in has got its `initialize` from us: its session is one of our own, until
 * its first request after the sign-in. Then the same `initialize` is sent to the server, and the session stands for the
 * server's from there on.
 */
const OWN = "coatcheck-";

/** `version`: as it was answered. */
export function beginOwnSession(exchange: Exchange, version: unknown): Readonly<Record<string, string>> {
  const session = OWN + newId();
  rememberHandshake(exchange, session, version);
  return { [SESSION_HEADER]: session };
}

export function isOwnSession({ headers }: Exchange): boolean {
  return headers[SESSION_HEADER]?.startsWith(OWN) ?? false;
}

/** There is no such session any more, and its agent is to begin another (MCP 2025-11-25 basic/transports: 404). */
export class NoSuchSession extends Error {}

/** Sends `initialize`; answers the server's session and the version that it speaks. */
type Initialize = (params: Fields) => Promise<{ readonly session?: string; readonly version: unknown }>;

/** The request's headers with the server's session in the place of ours. Throws `NoSuchSession`. */
export async function withServersSession(
  exchange: Exchange,
  initialize: Initialize,
): Promise<Readonly<Record<string, string>>> {
  const { headers, context } = exchange;
  if (!isOwnSession(exchange)) return headers;
  const { handshakes, begun } = context.caches.gateway;
  const key = handshakeKey(exchange);
  const { [SESSION_HEADER]: _, ...others } = headers;
  // A new one begins a session of the server's itself.
  if (requestsIn(exchange).some(({ method }) => method === "initialize")) return others;
  const handshake = handshakes.get(key);
  if (!handshake) throw new NoSuchSession();
  const started = begun.get(key) ?? initialize(handshake);
  begun.set(key, started);
  try {
    const { session, version } = await started;
    // The server speaks another version than its agent was told.
    if (version !== handshake.protocolVersion) throw new NoSuchSession();
    return session === undefined ? others : { ...others, [SESSION_HEADER]: session };
  } catch (error) {
    begun.delete(key);
    throw error;
  }
}

/** Bytes of an answer to `initialize`. */
const LONGEST = 1_048_576;

/** An agent's `initialize` on its behalf, and what follows it. Throws `BrokerError`. */
export async function initializeAt(
  exchange: Exchange,
  endpoint: Endpoint,
  params: Fields,
  signal: AbortSignal,
): ReturnType<Initialize> {
  const accept = { "content-type": "application/json", accept: "application/json, text/event-stream" };
  const post = (message: Fields, more: Readonly<Record<string, string>> = {}) =>
    sendTo(exchange, endpoint, exchange.found, {
      method: "POST",
      headers: { ...accept, ...more },
      body: Buffer.from(JSON.stringify({ jsonrpc: "2.0", ...message })),
      signal,
    });
  const { answer } = await post({ id: "coatcheck-initialize", method: "initialize", params });
  if (answer.status !== 200) {
    await answer.cancel();
    throw new BrokerError("repeat", `the server answers initialize with status ${answer.status}`);
  }
  const result = fieldsOf(fieldsOf(await messageOf(answer)).result);
  const session = [answer.headers[SESSION_HEADER] ?? []].flat()[0];
  const version = result.protocolVersion;
  const of = { ...(session !== undefined && { [SESSION_HEADER]: session }), "mcp-protocol-version": String(version) };
  const { answer: noted } = await post({ method: "notifications/initialized" }, of);
  await noted.cancel();
  return { version, ...(session !== undefined && { session }) };
}

/** The first message of an answer that answers something. */
async function messageOf({ body, headers, cancel }: Forwarded): Promise<unknown> {
  const reader = new EventReader(LONGEST);
  const isStream = /^text\/event-stream\b/i.test(String(headers["content-type"] ?? ""));
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > LONGEST) break;
    if (!isStream) chunks.push(chunk);
    else
      for (const { data } of reader.push(chunk)) {
        const message = parsed(data);
        if ("result" in message || "error" in message) {
          await cancel();
          return message;
        }
      }
  }
  return parsed(Buffer.concat(chunks).toString());
}

function parsed(text: string): Fields {
  try {
    return fieldsOf(JSON.parse(text));
  } catch {
    return {};
  }
}
