import { EventReader, EventTooLong, eventText } from "../../../mcp/event-stream.ts";
import { type Fields, fieldsOf } from "../../../mcp/sign-in-answers.ts";
import { withoutDeniedTools } from "../../../mcp/tool-policy.ts";
import { BrokerError } from "../../errors.ts";
import type { HeldShare } from "../../process/held-bytes.ts";
import { type Exchange, handshakeKey, requestsIn } from "./exchange.ts";
import { hasManyValues } from "./posted.ts";

/** Of a list of tools, or of one event in a stream that may hold one. Bytes, and characters. */
const LONGEST = 4_194_304;

/** What is kept of a server's word about itself. Characters. */
const MOST_REMEMBERED = 262_144;

/** Requests whose answers are looked into: a list is filtered, and what a server says of itself is remembered (MCP-S1, MCP-S2). */
const LOOKED_INTO: ReadonlySet<string> = new Set(["tools/list", "initialize", "server/discover"]);

/** Whether an answer is held: a list, and with a policy a stream that may repeat one (`Last-Event-ID`). */
export function isHeld(exchange: Exchange): boolean {
  const { request, policies } = exchange;
  return (
    requestsIn(exchange).some(({ method }) => LOOKED_INTO.has(method)) ||
    (request.method === "GET" && policies.length > 0)
  );
}

/** The same body, with lists that hold only what the session may see. Events go on one by one. */
export function lookedInto(
  exchange: Exchange,
  body: AsyncIterable<Uint8Array>,
  contentType: string,
): AsyncIterable<Uint8Array> {
  return /^text\/event-stream\b/i.test(contentType) ? eventsOf(exchange, body) : documentOf(exchange, body);
}

async function* documentOf(exchange: Exchange, body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const share = shareOf(exchange);
  try {
    for await (const chunk of body) {
      length += chunk.length;
      if (length > LONGEST) throw tooLong();
      share.hold(length);
      chunks.push(chunk);
    }
    const whole = Buffer.concat(chunks);
    const read = changed(exchange, whole.toString());
    yield read === undefined ? whole : Buffer.from(read);
  } finally {
    share.end();
  }
}

function shareOf({ context, found }: Exchange): HeldShare {
  return context.caches.gateway.held.shareOf(found.id);
}

async function* eventsOf(exchange: Exchange, body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = new EventReader(LONGEST);
  const share = shareOf(exchange);
  try {
    for await (const chunk of body) {
      const ended = reader.push(chunk);
      share.hold(reader.waiting);
      const events = ended.map((event) => {
        const data = event.event === "endpoint" ? undefined : changed(exchange, event.data);
        return eventText(data === undefined ? event : { ...event, data });
      });
      if (events.length > 0) yield Buffer.from(events.join(""));
    }
  } catch (error) {
    throw error instanceof EventTooLong ? tooLong() : error;
  } finally {
    share.end();
  }
}

function tooLong(): BrokerError {
  return unfilterable("the server's list is too long to be filtered");
}

function unfilterable(text: string): BrokerError {
  return new BrokerError("repeat", text, { reason: "temporarily_unavailable" });
}

/**
 * The text with what may be seen of it; undefined: all of it. With a policy it is written anew, as it was read here: another
 * parser may read another one of two members of one name. Throws `BrokerError` for what nobody can filter.
 */
function changed(exchange: Exchange, text: string): string | undefined {
  const hasPolicy = exchange.policies.length > 0;
  const read = parsed(text);
  const messages = Array.isArray(read) ? read : [read];
  if (hasPolicy && text !== "" && !messages.every(isPlain))
    throw unfilterable("the server's answer cannot be read, so nobody can say which of its tools are allowed");
  const seen = messages.map((message) => lookInto(exchange, fieldsOf(message)));
  if (read === undefined || !hasPolicy) return undefined;
  return JSON.stringify(Array.isArray(read) ? seen : seen[0]);
}

/** Undefined for what is no JSON, and for what would take too long. */
function parsed(text: string): unknown {
  try {
    return hasManyValues(text) ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A message whose tools can only be those that are filtered, also for a parser that ignores the case of letters. */
function isPlain(message: unknown): boolean {
  if (!isFields(message) || !isExact(message, "result")) return false;
  const { result = {} } = message;
  if (!isFields(result) || !isExact(result, "tools")) return false;
  const { tools = [] } = result;
  return Array.isArray(tools) && tools.every((tool) => !isFields(tool) || isExact(tool, "name"));
}

function isExact(fields: Fields, name: string): boolean {
  // Unicode's simple case folding, for all letters that fold to ASCII.
  return Object.keys(fields).every((key) => key === name || key.toUpperCase().toLowerCase() !== name);
}

function lookInto(exchange: Exchange, message: Fields): Fields {
  const { result } = message;
  if (typeof result !== "object" || result === null) return message;
  const allowed = withoutDeniedTools(exchange.policies, result);
  remember(exchange, fieldsOf(allowed));
  return allowed === result ? message : { ...message, result: allowed };
}

function remember({ context, found }: Exchange, result: Fields): void {
  const { servers } = context.caches.gateway;
  const { capabilities, instructions, tools, nextCursor } = result;
  const told = {
    ...(isFields(capabilities) && { capabilities }),
    ...(typeof instructions === "string" && { instructions }),
    // A page of a list is no list.
    ...(Array.isArray(tools) && nextCursor === undefined && { tools: tools.filter(isFields) }),
  };
  if (Object.keys(told).length === 0 || JSON.stringify(told).length > MOST_REMEMBERED) return;
  servers.set(found.id, { ...servers.get(found.id), ...told });
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Of an `initialize` that a server has answered: what its caller is, for what is answered in the server's place. */
export function rememberHandshake(exchange: Exchange, session: string, version?: unknown): void {
  const params = requestsIn(exchange).find(({ method }) => method === "initialize")?.params;
  if (!params) return;
  const { protocolVersion: asked, capabilities, clientInfo } = params;
  const handshake = { protocolVersion: version ?? asked, capabilities, clientInfo };
  if (JSON.stringify(handshake).length > LONGEST_HANDSHAKE) return;
  exchange.context.caches.gateway.handshakes.set(handshakeKey(exchange, session), handshake);
}

/** Characters. */
const LONGEST_HANDSHAKE = 65_536;
