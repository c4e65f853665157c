import type { AuthorizationServer } from "./client.ts";

/** Why a login cannot work at a server (matrix.md MX-V6), so that nothing is registered for it; undefined: it can. */
export function notOffered(
  metadata: AuthorizationServer,
  { grantType, redirectUri }: { readonly grantType: string; readonly redirectUri?: string },
): string | undefined {
  if (grantType !== "authorization_code") {
    if (metadata.device_authorization_endpoint !== undefined) return undefined;
    return "device code URL not available: this server does not support device login; request an authorization link instead";
  }
  if (redirectUri === undefined) return "missing redirect_url";
  if (metadata.authorization_endpoint === undefined) return "authorization code URL not available";
  const { response_types_supported: types = ["code"], code_challenge_methods_supported: methods = ["S256"] } = metadata;
  if (!types.includes("code")) return "the server does not list code in response_types_supported";
  if (!methods.includes("S256")) return "the server does not list S256 in code_challenge_methods_supported";
  return undefined;
}

const PINNED = [
  "issuer",
  "authorization_endpoint",
  "token_endpoint",
  "device_authorization_endpoint",
  "revocation_endpoint",
  "revocation_endpoint_auth_methods_supported",
  "authorization_response_iss_parameter_supported",
  "response_types_supported",
  "code_challenge_methods_supported",
  "prompt_values_supported",
  "account_management_uri",
  "account_management_actions_supported",
] as const;

/** What of the metadata is used once the login has begun. */
export function pinnedOf(metadata: AuthorizationServer): AuthorizationServer {
  const kept = PINNED.flatMap((name) => (metadata[name] === undefined ? [] : [[name, metadata[name]]]));
  return { issuer: metadata.issuer, ...Object.fromEntries(kept) };
}
