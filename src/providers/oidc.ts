import { EXTRA_DATA_FIELDS } from "./extra-data-fields.ts";
import {
  GENERIC,
  GENERIC_OPTIONS,
  GIVEN_ENDPOINT_OPTIONS,
  GIVEN_ENDPOINTS,
  REGISTRATION,
  REQUEST_OPTIONS,
} from "./generic-options.ts";
import type { Provider } from "./provider.ts";

export const oidc = {
  docs: "https://openid.net/specs/openid-connect-discovery-1_0.html",
  id: "oidc",
  version: 1,
  discovery: "{issuer_url}",
  endpoints: GIVEN_ENDPOINTS,
  options: {
    issuer_url: { kind: "url", required: "issuer URL is required" },
    ...GIVEN_ENDPOINT_OPTIONS,
    extra_data_fields: EXTRA_DATA_FIELDS,
    registration: REGISTRATION,
    ...GENERIC_OPTIONS,
    ...REQUEST_OPTIONS,
  },
  credentialOptions: { nonce: { kind: "text" }, ...REQUEST_OPTIONS },
  openid: true,
  // https://learn.microsoft.com/en-us/entra/identity-platform/access-tokens#validate-the-issuer
  issuerPlaceholder: { text: "{tenantid}", claim: "tid" },
  ...GENERIC,
  quirks: { formAnswers: true },
} as const satisfies Provider;
