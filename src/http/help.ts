import type { FastifyReply, FastifyRequest } from "fastify";
import { type Reply, sendJson } from "./answer.ts";
import { parseBool } from "./go-numbers.ts";

/** `GET ?help=1` must not hand out what the path holds: it answers help, bare (vault-http.md section 4). */
export async function answerHelp(request: FastifyRequest, reply: FastifyReply): Promise<Reply | undefined> {
  const { help } = (request.query ?? {}) as { readonly help?: unknown };
  if (request.method !== "GET" || typeof help !== "string" || parseBool(help) !== true) return undefined;
  const { summary = "" } = (request.routeOptions.schema ?? {}) as { readonly summary?: string };
  return sendJson(reply, 200, { help: summary, see_also: [], openapi: {} });
}
