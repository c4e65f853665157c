import { EXTRA_DATA_FIELDS } from "../../extra-data-fields.ts";
import type { Provider } from "../../provider.ts";

export const google = {
  docs: "https://developers.google.com/identity/protocols/oauth2/limited-input-device",
  register: "https://console.cloud.google.com/apis/credentials",
  id: "google",
  version: 2,
  discovery: "https://accounts.google.com",
  options: { extra_data_fields: EXTRA_DATA_FIELDS },
  credentialOptions: { nonce: { kind: "text" } },
  authMethod: "client_secret_post",
  // https://developers.google.com/identity/protocols/oauth2/native-app: any port of this machine.
  anyLoopbackPort: true,
  openid: true,
  note: "A link gives a refresh token with the parameters access_type=offline and prompt=consent (auth_url_params); a device code always does.",
  issuerAliases: ["accounts.google.com"],
  verificationHosts: ["www.google.com", "google.com"],
  quirks: {
    verificationUrl: true,
    scopeAliases: {
      email: "https://www.googleapis.com/auth/userinfo.email",
      profile: "https://www.googleapis.com/auth/userinfo.profile",
    },
  },
  rotation: { kind: "none" },
} as const satisfies Provider;
