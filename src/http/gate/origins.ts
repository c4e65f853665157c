import type { VaultApp } from "../app-types.ts";

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
  app.addHook("onRequest", async ({ method, headers }, reply) => {
    reply.header("vary", "origin");
    const { origin = "", "access-control-request-method": wanted, "access-control-request-headers": names } = headers;
    if (!origins.has(origin)) return;
    reply.header("access-control-allow-origin", origin);
    if (method !== "OPTIONS" || wanted === undefined) {
      reply.header("access-control-expose-headers", "retry-after, www-authenticate, coatcheck-api, location");
      return;
    }
    if (names !== undefined && NAMES.test(names)) reply.header("access-control-allow-headers", names);
    return reply
      .header("access-control-allow-methods", "GET, HEAD, POST, PUT, PATCH, DELETE")
      .header("access-control-max-age", MAX_AGE)
      .code(204)
      .send();
  });
}
