import type { OptionRule } from "./provider.ts";

/** What a provider's own error code may be said to mean (RFC 6749 5.2, RFC 8628 3.5; `server_error` of RFC 6749 4.1.2.1). */
const MEANINGS = [
  "invalid_grant",
  "invalid_client",
  "unauthorized_client",
  "invalid_request",
  "invalid_scope",
  "unsupported_grant_type",
  "access_denied",
  "expired_token",
  "authorization_pending",
  "slow_down",
  "server_error",
  "temporarily_unavailable",
] as const;

/** How a server's operator says what the provider's own error codes mean (FC-03). */
export const ERROR_CODES = { kind: "object", values: MEANINGS } as const satisfies OptionRule;
