import type { FastifyRequest } from "fastify";
import { HttpError } from "../answer/http-error.ts";
import type { Deps, VaultApp } from "../app-types.ts";
import { passFirst } from "./offers.ts";

/** Seconds that a browser remembers what it was told. */
const MAX_AGE = "600";

/** A list of header names and nothing else: it is answered as it came. */
const NAMES = /^[\w-]+(\s*,\s*[\w-]+)*$/;

/**
 * Pages of other origins that the operator named may use sessions (Fetch standard 3.2, CORS). They hold a session id as
 * every program does; no cookie counts here, so none is asked for.
 */
export function allowOrigins(app: VaultApp, origins: ReadonlySet<string>): void {
  if (origins.size === 0) return;
  passFirst(app, async ({ method, headers }, reply) => {
    reply.header("vary", "origin");
    const { origin = "", "access-control-request-method": wanted, "access-control-request-headers": names } = headers;
    if (!origins.has(origin)) return;
    reply.header("access-control-allow-origin", origin);
    if (method !== "OPTIONS" || wanted === undefined) {
      reply.header(
        "access-control-expose-headers",
        "retry-after, www-authenticate, coatcheck-api, location, mcp-session-id",
      );
      return;
    }
    if (names !== undefined && NAMES.test(names)) reply.header("access-control-allow-headers", names);
    reply
      .header("access-control-allow-methods", "GET, HEAD, POST, PUT, PATCH, DELETE")
      .header("access-control-max-age", MAX_AGE)
      .code(204)
      .send();
    return true;
  });
}

/** Of the broker's own pages, by whatever name they were reached. */
export function isOwnOrigin(origin: string, host: string | undefined, ownOrigin: string | undefined): boolean {
  return origin === ownOrigin || (host !== undefined && URL.parse(origin)?.host === host);
}

/** What the browser says of where a request comes from; who says nothing is no browser, or an old one. */
export function isForeign(
  { headers }: Pick<FastifyRequest, "headers">,
  { ownOrigin }: Pick<Deps, "ownOrigin">,
): boolean {
  const { origin, host, "sec-fetch-site": site } = headers;
  if (site !== undefined) return site !== "same-origin" && site !== "none";
  return origin !== undefined && !isOwnOrigin(origin, host, ownOrigin);
}

const READING: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Hook: what needs no secret, a page of any site could ask for in its visitor's name; it may where the operator named its
 * origin, and sends JSON then, which a browser lets nobody send without asking first. Programs that are no browsers send
 * neither header. Whoever brings a secret was given it.
 */
export function refuseForeignPages(deps: Deps) {
  const { allowedOrigins = new Set<string>() } = deps;
  return async (request: FastifyRequest): Promise<void> => {
    const { raw, headers, method } = request;
    const { origin, authorization, "sec-fetch-site": site, "x-vault-token": token } = headers;
    if (READING.has(method) || (origin === undefined && site === undefined)) return;
    if (authorization !== undefined || token !== undefined) return;
    if (isForeign(request, deps) && !allowedOrigins.has(origin ?? "")) {
      throw new HttpError(403, ["pages of other sites may not do this: their origin is not named by --allow-origins"]);
    }
    if (!/^application\/json\s*(?:;|$)/i.test(typeOf(raw.rawHeaders))) {
      throw new HttpError(415, ["pages send JSON here: Content-Type must be application/json"]);
    }
  };
}

/** As it was sent: the parsed one is gone by now where it means nothing. */
function typeOf(rawHeaders: readonly string[]): string {
  const at = rawHeaders.findIndex((name, index) => index % 2 === 0 && name.toLowerCase() === "content-type");
  return at === -1 ? "" : (rawHeaders[at + 1] ?? "");
}
