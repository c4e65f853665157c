import { EXTRA_DATA_FIELDS } from "../../extra-data-fields.ts";
import { REQUEST_OPTIONS } from "../../generic-options.ts";
import type { Provider } from "../../provider.ts";
import { ROTATION } from "../../rotation.ts";
import { DOMAIN } from "../domain.ts";

export const okta = {
  docs: "https://developer.okta.com/docs/reference/api/oidc/",
  register: "https://{domain}/admin/apps/active",
  id: "okta",
  version: 1,
  discovery: "https://{domain}/oauth2/{authorization_server}",
  options: {
    domain: DOMAIN,
    authorization_server: { kind: "text", default: "default", about: "the id of a custom authorization server" },
    extra_data_fields: EXTRA_DATA_FIELDS,
    ...REQUEST_OPTIONS,
    rotation: ROTATION,
  },
  credentialOptions: { nonce: { kind: "text" }, ...REQUEST_OPTIONS },
  openid: true,
  note: "Ask for the scope offline_access to get a refresh token. For the scopes of Okta's own API use the provider oidc with the issuer https://DOMAIN.",
  quirks: {},
  // Whether it rotates, and with which grace, is the application's setting.
  rotation: { kind: "strict" },
  rotationOption: "rotation",
} as const satisfies Provider;
