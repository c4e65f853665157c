import type { ClientMetadata } from "../protocol/client/registration.ts";

/**
 * What is registered unless the operator says otherwise; all known servers accept it. Both grants of the code flow and its
 * redirect URIs even for device logins, or one of them refuses; `refresh_token` and `none` by name, or another one gives no
 * refresh token and refuses every request later; loopback without port, which two refuse. `client_uri` is the
 * broker's own address where that is a page; else this one: a real domain, as two demand, and (RFC 2606) nobody's.
 */
export const MATRIX_CLIENT = {
  client_name: "Coatcheck",
  client_uri: "https://coatcheck.example.com/",
  application_type: "native",
  redirect_uris: ["http://127.0.0.1/callback", "http://[::1]/callback"],
  response_types: ["code"],
  grant_types: ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
  token_endpoint_auth_method: "none",
} as const satisfies ClientMetadata;
