import { EXTRA_DATA_FIELDS } from "../../extra-data-fields.ts";
import { REQUEST_OPTIONS } from "../../generic-options.ts";
import type { Provider } from "../../provider.ts";

export const cilogon = {
  docs: "https://www.cilogon.org/oidc",
  register: "https://cilogon.org/oauth2/register",
  id: "cilogon",
  version: 1,
  discovery: "https://cilogon.org",
  options: { extra_data_fields: EXTRA_DATA_FIELDS, ...REQUEST_OPTIONS },
  credentialOptions: { nonce: { kind: "text" }, ...REQUEST_OPTIONS },
  openid: true,
  note: "A refresh token is given to clients that asked for it when they were registered.",
  unprinted:
    "No answer of its token endpoint was found in its documentation: it is read as OpenID Connect has it, and its refresh tokens are taken to rotate.",
  quirks: {},
  rotation: { kind: "strict" },
} as const satisfies Provider;
