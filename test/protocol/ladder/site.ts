import type { Call } from "../../../src/protocol/client.ts";
import { DiscoveryError } from "../../../src/protocol/discovery.ts";
import { findAuthorizationServer } from "../../../src/protocol/ladder/find-authorization-server.ts";
import { TransportError } from "../../../src/protocol/response/transport-error.ts";
import { MATRIX_LADDER } from "../../../src/providers/matrix-ladder.ts";

export const BASE = "https://matrix.example.org";
export const WELL_KNOWN = "https://example.org/.well-known/matrix/client";
export const VERSIONS = `${BASE}/_matrix/client/versions`;
export const STABLE = `${BASE}/_matrix/client/v1/auth_metadata`;
export const UNSTABLE = `${BASE}/_matrix/client/unstable/org.matrix.msc2965/auth_metadata`;
export const AUTH_ISSUER = `${BASE}/_matrix/client/unstable/org.matrix.msc2965/auth_issuer`;
export const LOGIN = `${BASE}/_matrix/client/v3/login`;
export const ISSUER = "https://auth.example.org/tenant/";
export const OPENID = "https://auth.example.org/tenant/.well-known/openid-configuration";

export const METADATA = {
  issuer: ISSUER,
  authorization_endpoint: "https://auth.example.org/authorize",
  token_endpoint: "https://auth.example.org/token",
  revocation_endpoint: "https://auth.example.org/revoke",
  registration_endpoint: "https://auth.example.org/register",
  device_authorization_endpoint: "https://auth.example.org/device",
  response_types_supported: ["code"],
  grant_types_supported: ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
  response_modes_supported: ["query", "fragment"],
  code_challenge_methods_supported: ["S256"],
};

export type Routes = Readonly<Record<string, (() => Response) | undefined>>;

export const json =
  (body: unknown, status = 200, headers: Record<string, string> = {}) =>
  () =>
    Response.json(body, { status, headers });
export const status =
  (code: number, body = "", headers: Record<string, string> = {}) =>
  () =>
    new Response(body, { status: code, headers });
export const fails = (code: "unreachable" | "address_refused" | "url_refused" | "timeout") => () => {
  throw new TransportError(code, false);
};

/** Where `example.org` says its API is, and that an API is there. */
export const HOME: Routes = {
  [WELL_KNOWN]: json({ "m.homeserver": { base_url: `${BASE}/` } }),
  [VERSIONS]: json({ versions: ["v1.12"] }),
};

/** A search among literal answers; what has none is 404, as an API server says it. */
export async function search(routes: Routes, input = "example.org", more: Partial<Call> = {}) {
  const asked: string[] = [];
  const call: Call = {
    signal: new AbortController().signal,
    ...more,
    fetch: async (url) => {
      asked.push(url);
      return (routes[url] ?? json({ errcode: "M_UNRECOGNIZED", error: "Unrecognized request" }, 404))();
    },
  };
  const found = await findAuthorizationServer(MATRIX_LADDER, input, call).catch((error: unknown) => {
    if (error instanceof DiscoveryError) return error;
    throw error;
  });
  return { asked, found };
}

/** The refusal as one line: text, and whether it can pass. */
export async function refusal(routes: Routes, input?: string) {
  const { found, asked } = await search(routes, input);
  if (!(found instanceof DiscoveryError)) throw new Error(`found: ${JSON.stringify(found)}`);
  return { text: found.message, temporary: found.temporary, retryAfter: found.retryAfter, last: asked.at(-1), asked };
}

export async function located(routes: Routes, input?: string) {
  const { found, asked } = await search(routes, input);
  if (found instanceof DiscoveryError) throw new Error(`not found: ${found.message}`);
  return { ...found, asked };
}
