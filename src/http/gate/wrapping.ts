import type { IncomingHttpHeaders } from "node:http";
import { Readable } from "node:stream";
import type { FastifyRequest } from "fastify";
import { LONGEST_TTL } from "../../access/token.ts";
import { rfc3339 } from "../../api/index.ts";
import type { Wrapped } from "../../broker/access.ts";
import { badRequest } from "../answer/http-error.ts";
import type { Deps, VaultApp } from "../app-types.ts";
import { parseDurationSeconds } from "../input/duration.ts";
import { passFirst } from "./offers.ts";

/** `X-Vault-Wrap-TTL` in seconds; 0 = the answer as it is. Throws a 400. */
export function wrapTtlOf(headers: IncomingHttpHeaders): number {
  const ttl = parseDurationSeconds(String(headers["x-vault-wrap-ttl"] ?? ""));
  if (ttl === undefined || ttl < 0) throw badRequest('X-Vault-Wrap-TTL must be a duration such as "60" or "5m"');
  // Before anything is done, as what was made would be lost with its answer.
  if (ttl > LONGEST_TTL) throw badRequest("an answer is kept for 32 days at most: give a shorter X-Vault-Wrap-TTL");
  if (headers["x-vault-wrap-format"] === "jwt") throw badRequest("wrap format jwt is not supported");
  return ttl;
}

/**
 * Whoever asks for it by `X-Vault-Wrap-TTL` gets a token in the answer's place, which is good for reading it once (vault-http.md
 * section 7). Errors and 204 are not wrapped; what is no answer of Vault's form is refused.
 */
export function wrapAnswers(app: VaultApp): void {
  passFirst(app, async (request) => {
    asked.set(request, wrapTtlOf(request.headers));
  });
}

const asked = new WeakMap<FastifyRequest, number>();

/** Seconds for which an answer is to be wrapped; 0 = it is not, also where nothing is. */
export function wrapTtlAsked(request: FastifyRequest): number {
  return asked.get(request) ?? 0;
}

/** Of all routes, and to be called before what records answers: what leaves is the token, and not what it opens. */
export function wrapAsked(app: VaultApp, deps: Deps): void {
  app.addHook("onSend", async (request, reply, payload) => {
    const ttl = reply.statusCode === 200 ? wrapTtlAsked(request) : 0;
    if (ttl === 0) return payload;
    const isJson = reply.getHeader("content-type") === "application/json";
    const body = await textOf(payload);
    const wrappedAccessor = isJson ? accessorIn(body) : undefined;
    // Whoever asks for a wrapped answer must not get the plain one.
    if (wrappedAccessor === undefined) throw badRequest("this answer cannot be wrapped: ask without X-Vault-Wrap-TTL");
    const wrapped = await deps.access.wrapping.wrap({ body, path: pathIn(request), ttl, wrappedAccessor });
    reply.removeHeader("content-length");
    return Buffer.from(`${JSON.stringify(wrapEnvelope(wrapped))}\n`);
  });
}

export function wrapEnvelope(wrapped: Wrapped) {
  const { token, accessor, ttl, createdAt, path, wrappedAccessor } = wrapped;
  return {
    ...{ request_id: "", lease_id: "", renewable: false, lease_duration: 0, data: null, warnings: null, auth: null },
    wrap_info: {
      ...{ token, accessor, ttl },
      creation_time: rfc3339(createdAt),
      creation_path: path,
      wrapped_accessor: wrappedAccessor,
    },
  };
}

/** Of a login's token, empty where there is none; undefined for what is no answer of Vault's form. */
function accessorIn(body: string): string | undefined {
  const { request_id: id, auth }: { request_id?: unknown; auth?: { accessor?: unknown } | null } = JSON.parse(body);
  if (id === undefined) return undefined;
  return typeof auth?.accessor === "string" ? auth.accessor : "";
}

async function textOf(payload: unknown): Promise<string> {
  if (!(payload instanceof Readable)) return String(payload);
  const parts: string[] = [];
  let length = 0;
  for await (const part of payload) {
    parts.push(String(part));
    length += String(part).length;
    if (length > LONGEST) throw badRequest("the answer is too long to be wrapped: ask for a page of it");
  }
  return parts.join("");
}

/** Characters. */
const LONGEST = 1_048_576;

function pathIn({ raw: { url = "" } }: FastifyRequest): string {
  const path = url.split("?", 1)[0] ?? "";
  return path.replace(/^\/v1\//, "").slice(0, 1_024);
}
