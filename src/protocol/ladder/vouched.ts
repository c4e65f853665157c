import type { AuthorizationServer, Call } from "../client.ts";
import { DiscoveryError, discoverAuthorizationServer } from "../discovery.ts";
import { originsOf } from "../secret-endpoints.ts";
import type { Located } from "./ladder.ts";

/**
 * What a stranger's API server says of its authorization server counts only as far as that one says it too: else whoever has an
 * API server could have any path of any server asked (RFC 8414 3 fixes where the document is; RFC 6749 3.2 leaves the
 * endpoints to it). The issuer's own document is asked, unless the API is at its origin. Throws `DiscoveryError`.
 */
export async function vouched(located: Located, call: Call): Promise<Located> {
  const { baseUrl, metadata, lifetime } = located;
  const isOwn = new URL(baseUrl).origin === new URL(metadata.issuer).origin;
  const own = isOwn ? located : await discoverAuthorizationServer(metadata.issuer, call, { order: "openid" });
  const problem = beyondIssuer(own.metadata);
  if (problem !== undefined) throw new DiscoveryError(problem, false);
  return { ...located, metadata: own.metadata, lifetime: Math.min(lifetime, own.lifetime) };
}

/**
 * Why endpoints are not asked for a stranger: one that is not at the issuer's origin, or has a query, which RFC 6749 3.2 allows
 * and no known server of strangers has. Undefined: they may be.
 */
export function beyondIssuer(metadata: AuthorizationServer): string | undefined {
  const home = new URL(metadata.issuer).origin;
  if (metadata.token_endpoint === undefined) return "the metadata contain no token_endpoint";
  const [away] = Object.entries(originsOf(metadata)).find(([, origin]) => origin !== home) ?? [];
  if (away !== undefined) return `the ${away} is not at the issuer's origin, and this login is a stranger's`;
  const [asking] = Object.entries(metadata).find(([name, url]) => name.endsWith("_endpoint") && hasQuery(url)) ?? [];
  return asking === undefined ? undefined : `the ${asking} has a query, and this login is a stranger's`;
}

function hasQuery(url: unknown): boolean {
  return typeof url === "string" && url.includes("?");
}
