import { EXTRA_DATA_FIELDS } from "../../extra-data-fields.ts";
import { REQUEST_OPTIONS } from "../../generic-options.ts";
import type { Provider } from "../../provider.ts";

export const egiCheckin = {
  docs: "https://docs.egi.eu/providers/check-in/sp/",
  register: "https://aai.egi.eu/federation",
  id: "egi_checkin",
  version: 1,
  discovery: "{issuer_url}",
  options: {
    issuer_url: { kind: "url", default: "https://aai.egi.eu/auth/realms/egi" },
    extra_data_fields: EXTRA_DATA_FIELDS,
    ...REQUEST_OPTIONS,
  },
  credentialOptions: { nonce: { kind: "text" }, ...REQUEST_OPTIONS },
  openid: true,
  note: "Ask for the scope offline_access to get a refresh token.",
  quirks: {},
  rotation: { kind: "strict" },
} as const satisfies Provider;
