import { Readable } from "node:stream";
import type { FastifyReply, FastifyRequest } from "fastify";
import { inputWarnings } from "./input-warnings.ts";

/** With a newline, for people with curl. Bytes, because Fastify adds a charset to JSON texts, and hvac compares the content type for equality. */
export function sendJson(reply: Reply, status: number, body: unknown): Reply {
  return sendText(reply, status, `${JSON.stringify(body)}\n`);
}

/** JSON that is written already. */
export function sendText(reply: Reply, status: number, json: string): Reply {
  return withHeaders(reply).code(status).header("content-type", "application/json").send(Buffer.from(json));
}

/** Of the session API, which is flat: what was sent and nobody reads is told in its `warnings`. */
export function sendFlat(reply: Reply, status: number, data: object): Reply {
  const { warnings: own = [] } = data as { readonly warnings?: readonly string[] };
  const warnings = [...own, ...inputWarnings(reply.request)];
  return sendJson(reply, status, warnings.length === 0 ? data : { ...data, warnings });
}

/** JSON in parts, each made when the one before is sent. What fails on the way cuts the connection: half a list is none. */
export function sendParts(reply: Reply, parts: AsyncIterable<string>): Reply {
  const body = Readable.from(parts, { objectMode: false });
  return withHeaders(reply).code(200).header("content-type", "application/json").send(body);
}

/** Success with nothing to say. */
export function sendNothing(reply: Reply): Reply {
  return withHeaders(reply).code(204).send();
}

function withHeaders(reply: Reply): Reply {
  return reply.header("cache-control", "no-store").header("x-request-id", reply.request.id);
}

/** Handlers of any schema type. */
export type Reply = Pick<FastifyReply, "code" | "header" | "send"> & {
  readonly request: Pick<FastifyRequest, "id" | "body" | "query" | "params">;
};
