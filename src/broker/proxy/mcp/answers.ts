import type { Outcome } from "../../../mcp/sign-in-answers.ts";
import type { ProxyAnswer } from "../../sessions.ts";

const JSON_TYPE = { "content-type": "application/json", "cache-control": "no-store" };

/** An answer of the broker's own. */
export function jsonAnswer(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): ProxyAnswer {
  return own(status, { ...JSON_TYPE, ...headers }, Buffer.from(JSON.stringify(body)));
}

export function emptyAnswer(status: number): ProxyAnswer {
  return own(status, {}, Buffer.alloc(0));
}

/** Events as they come. */
export function eventAnswer(events: AsyncIterable<string>): ProxyAnswer {
  return own(200, { "content-type": "text/event-stream", "cache-control": "no-store" }, encoded(events));
}

function own(status: number, headers: Readonly<Record<string, string>>, body: ProxyAnswer["body"]): ProxyAnswer {
  return { status, headers, body, cancel: async () => {} };
}

async function* encoded(events: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  for await (const event of events) yield Buffer.from(event);
}

/** A message of JSON-RPC that answers. */
export function response(id: string | number | null, outcome: Outcome): Readonly<Record<string, unknown>> {
  return { jsonrpc: "2.0", id, ...outcome };
}

/** MCP-B13: an error of the broker's, which says what to do. */
export function failure(message: string, reason: string): Outcome {
  return { error: { code: -32603, message, data: { coatcheck: { reason } } } };
}
