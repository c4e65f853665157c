import { VERIFICATION_HOSTS } from "./generic-options.ts";
import type { Provider } from "./provider.ts";
import { ROTATION } from "./rotation.ts";

/** Ways out for servers that are not by the book (MCP-L7), of a server or of one login. */
const WAYS_OUT = {
  resource: {
    kind: "text",
    about: "sent as `resource` (RFC 8707) instead of what the server's own document says",
    pattern: "[A-Za-z][A-Za-z0-9+.-]*:[\\x21\\x22\\x24-\\x7e]+",
    invalid: "must be an absolute URI without fragment",
  },
  no_resource: {
    kind: "choice",
    about: "with `true` no `resource` is sent: some servers refuse it (Entra: `invalid_target`, AADSTS9010010)",
    choices: ["true"],
  },
  auth_params: {
    kind: "link-parameters",
    about: "sent to the authorization endpoint as well, such as `access_type` or `audience`",
  },
  use_id_token: {
    kind: "choice",
    about: "with `true` the id_token is the token that the server takes",
    choices: ["true"],
  },
} as const satisfies Provider["options"];

export const MCP_OPTIONS = {
  url: { kind: "text", about: "the server's endpoint" },
  urls: {
    kind: "names",
    about: "instead of `url`: hosts of servers that each login may name",
    invalid: "expected *, *.example.org or example.org, not",
  },
  allow_http: {
    kind: "choice",
    about: "with `true` plain http to the host of `url`; to this machine it is allowed anyway",
    choices: ["true"],
  },
  issuer: {
    kind: "url",
    about: "the authorization server, where its metadata name another issuer than the server does",
  },
  registration: {
    kind: "choice",
    about: "the only way to a client: the given `client_id`, the metadata document, or RFC 7591",
    choices: ["static", "cimd", "dynamic"],
  },
  grant: {
    kind: "choice",
    about:
      "with `client_credentials` sessions sign in as the given client itself, without a person: whoever may start one gets its token",
    choices: ["client_credentials"],
  },
  client_metadata_url: { kind: "url", about: "a Client ID Metadata Document to be used instead of the broker's own" },
  client_metadata: { kind: "object" },
  rotation: ROTATION,
  verification_hosts: VERIFICATION_HOSTS,
  ...WAYS_OUT,
} as const satisfies Provider["options"];

/** Of one login. */
export const MCP_LOGIN_OPTIONS = {
  url: { kind: "text" },
  ...WAYS_OUT,
  new_registration: {
    kind: "choice",
    about: "with `true` the client that was registered before is not used again",
    choices: ["true"],
  },
} as const satisfies Provider["options"];
