import type { Endpoints, OptionRule, Provider } from "./provider.ts";
import { ROTATION } from "./rotation.ts";

/** The server option that names hosts besides the server's own where people may be sent to. */
export const VERIFICATION_HOSTS = { kind: "names", invalid: "expected host names, not" } as const satisfies OptionRule;

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
const ERROR_CODES = { kind: "object", values: MEANINGS } as const satisfies OptionRule;

/** Without a `client_id`: RFC 7591. */
export const REGISTRATION = {
  kind: "choice",
  about: "with `dynamic` the broker registers a client and keeps it, with `renew` it registers a new one, once",
  choices: ["dynamic", "renew"],
} as const satisfies OptionRule;

/** What an operator may have to say of a server that is only an address. */
export const GENERIC_OPTIONS = {
  rotation: ROTATION,
  token_path: {
    kind: "text",
    about: "the member of an answer that holds the tokens, such as `data`, or `data.tokens`",
    pattern: "[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+){0,7}",
    invalid: 'must be the name of a member, or several with dots between them, such as "data"',
  },
  error_codes: ERROR_CODES,
  zero_expires_in: { kind: "choice", choices: ["expired", "never"], default: "expired" },
  verification_hosts: VERIFICATION_HOSTS,
  device_pkce: {
    kind: "choice",
    about: "PKCE in device logins; `auto`: where the metadata list S256 or the server asks for it",
    choices: ["auto", "always", "never"],
    default: "auto",
  },
} as const satisfies Provider["options"];

/** Whom the tokens are for, and what else a server wants to be told; of a server, or of one login where the server is silent. */
export const REQUEST_OPTIONS = {
  audience: { kind: "text", about: "whom the token is for; sent with every request for it" },
  resource: { kind: "uris", about: "the same as in RFC 8707" },
  request_parameters: { kind: "parameters", about: "sent with every request for a token, and in the link" },
} as const satisfies Provider["options"];

/** Of those of a login, what only an operator may say: strangers say whom a token is for, and no more in the broker's name. */
export const OPERATORS_OPTIONS: readonly string[] = ["request_parameters", "auth_params"];

/** What those options are to a provider. */
export const GENERIC = {
  rotation: { kind: "strict" },
  rotationOption: "rotation",
  tokenPathOption: "token_path",
  errorCodesOption: "error_codes",
  variants: { zero_expires_in: { never: { zeroExpiresIn: "never" } } },
} as const satisfies Partial<Provider>;

/** Where a server has endpoints that its metadata do not name (gitlab.com's for devices), by their names in RFC 8414. */
export const GIVEN_ENDPOINTS = {
  deviceAuthorization: "{device_authorization_endpoint}",
  revocation: "{revocation_endpoint}",
  registration: "{registration_endpoint}",
} as const satisfies Endpoints;

const ENDPOINT = { kind: "url", about: "where the metadata do not name it" } as const satisfies OptionRule;

export const GIVEN_ENDPOINT_OPTIONS = {
  device_authorization_endpoint: ENDPOINT,
  revocation_endpoint: ENDPOINT,
  registration_endpoint: ENDPOINT,
} as const satisfies Provider["options"];
