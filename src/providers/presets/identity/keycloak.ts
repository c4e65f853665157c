import { EXTRA_DATA_FIELDS } from "../../extra-data-fields.ts";
import { REQUEST_OPTIONS } from "../../generic-options.ts";
import type { Provider } from "../../provider.ts";
import { ROTATION } from "../../rotation.ts";

export const keycloak = {
  docs: "https://www.keycloak.org/securing-apps/oidc-layers",
  register: "{base_url}/admin/master/console/#/{realm}/clients",
  id: "keycloak",
  version: 1,
  discovery: "{base_url}/realms/{realm}",
  options: {
    base_url: { kind: "url", required: "base URL is required, such as https://sso.example.com" },
    realm: { kind: "text", required: "realm is required" },
    extra_data_fields: EXTRA_DATA_FIELDS,
    ...REQUEST_OPTIONS,
    rotation: ROTATION,
  },
  credentialOptions: { nonce: { kind: "text" }, ...REQUEST_OPTIONS },
  openid: true,
  note: "Switch on the device grant in the client's settings. The scope offline_access gives a refresh token that outlives the session.",
  quirks: {},
  rotation: { kind: "strict" },
  rotationOption: "rotation",
} as const satisfies Provider;
