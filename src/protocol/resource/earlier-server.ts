import type { AuthorizationServer, Call } from "../client.ts";
import type { Discovered } from "../discovery.ts";
import { issuerMetadata } from "./issuer-metadata.ts";

/** Seconds; nothing was read that says more. */
const LIFETIME = 300;

/** MCP-D7: the authorization server of an MCP server of 2025-03-26, which is at its own origin. Throws `DiscoveryError`. */
export async function earlierServer(url: string, expected: string | undefined, call: Call): Promise<Discovered> {
  const { origin } = new URL(url);
  const found = await issuerMetadata(origin, expected ?? `${origin}/`, call);
  return found ?? { metadata: usualEndpoints(origin), lifetime: LIFETIME };
}

/** Nobody named an issuer: the token endpoint stands for it, with which nothing is compared. */
function usualEndpoints(origin: string): AuthorizationServer {
  return {
    issuer: `${origin}/token`,
    authorization_endpoint: `${origin}/authorize`,
    token_endpoint: `${origin}/token`,
    registration_endpoint: `${origin}/register`,
    token_endpoint_auth_methods_supported: ["none", "client_secret_post"],
    grant_types_supported: ["authorization_code", "refresh_token"],
  };
}
