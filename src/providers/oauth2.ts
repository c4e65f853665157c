import {
  GENERIC,
  GENERIC_OPTIONS,
  GIVEN_ENDPOINT_OPTIONS,
  GIVEN_ENDPOINTS,
  REGISTRATION,
  REQUEST_OPTIONS,
} from "./generic-options.ts";
import type { Provider } from "./provider.ts";

/** Any OAuth server with metadata; nobody's identity is asked for, so `openid` is not either. */
export const oauth2 = {
  docs: "https://www.rfc-editor.org/rfc/rfc8414",
  id: "oauth2",
  version: 1,
  discovery: "{issuer_url}",
  endpoints: GIVEN_ENDPOINTS,
  options: {
    issuer_url: { kind: "url", required: "issuer URL is required" },
    ...GIVEN_ENDPOINT_OPTIONS,
    registration: REGISTRATION,
    scope_separator: { kind: "text" },
    ...GENERIC_OPTIONS,
    ...REQUEST_OPTIONS,
  },
  credentialOptions: REQUEST_OPTIONS,
  separatorOption: "scope_separator",
  ...GENERIC,
  quirks: { errorUnderOk: true, formAnswers: true, verificationUrl: true },
} as const satisfies Provider;
