import { GENERIC, GENERIC_OPTIONS, REQUEST_OPTIONS } from "./generic-options.ts";
import type { Provider } from "./provider.ts";

export const custom = {
  docs: "https://www.rfc-editor.org/rfc/rfc6749",
  id: "custom",
  version: 2,
  // With an issuer alone it finds the rest by itself, like `oauth2`.
  discovery: "{issuer}",
  discoveryWithout: "token_url",
  endpoints: {
    issuer: "{issuer}",
    authorization: "{auth_code_url}",
    token: "{token_url}",
    refresh: "{refresh_url}",
    deviceAuthorization: "{device_code_url}",
    revocation: "{revocation_url}",
  },
  options: {
    token_url: { kind: "url", required: "token URL is required", requiredUnless: "issuer" },
    refresh_url: { kind: "url", about: "where refreshes have an endpoint of their own" },
    auth_code_url: { kind: "url" },
    device_code_url: { kind: "url" },
    revocation_url: { kind: "url" },
    issuer: { kind: "url" },
    scope_separator: { kind: "text" },
    ...GENERIC_OPTIONS,
    ...REQUEST_OPTIONS,
    auth_style: {
      kind: "choice",
      choices: ["in_header", "in_params"],
      invalid: 'unknown authentication style; expected one of "in_header" or "in_params"',
    },
  },
  methodOption: { name: "auth_style", methods: { in_header: "client_secret_basic", in_params: "client_secret_post" } },
  credentialOptions: REQUEST_OPTIONS,
  separatorOption: "scope_separator",
  ...GENERIC,
  quirks: { errorUnderOk: true, formAnswers: true, verificationUrl: true },
} as const satisfies Provider;
