import { EXTRA_DATA_FIELDS } from "../../extra-data-fields.ts";
import { REQUEST_OPTIONS } from "../../generic-options.ts";
import type { Provider } from "../../provider.ts";
import { ROTATION } from "../../rotation.ts";

export const indigoIam = {
  docs: "https://indigo-iam.github.io/v/current/docs/tasks/user/getting-a-token/",
  register: "{issuer_url}/dashboard#!/home/clients",
  id: "indigo_iam",
  version: 1,
  discovery: "{issuer_url}",
  options: {
    issuer_url: { kind: "url", required: "issuer URL is required, such as https://iam.example.org/" },
    extra_data_fields: EXTRA_DATA_FIELDS,
    ...REQUEST_OPTIONS,
    rotation: ROTATION,
  },
  credentialOptions: { nonce: { kind: "text" }, ...REQUEST_OPTIONS },
  openid: true,
  note: "Ask for the scope offline_access to get a refresh token.",
  // 401 for a refresh token that it does not know any more.
  quirks: { errorCodes: { invalid_token: "invalid_grant" } },
  rotation: { kind: "strict" },
  rotationOption: "rotation",
} as const satisfies Provider;
