import { EXTRA_DATA_FIELDS } from "../../extra-data-fields.ts";
import type { Provider } from "../../provider.ts";

export const xero = {
  docs: "https://developer.xero.com/documentation/guides/oauth2/auth-flow/",
  register: "https://developer.xero.com/app/manage",
  id: "xero",
  version: 1,
  discovery: "https://identity.xero.com",
  options: { extra_data_fields: EXTRA_DATA_FIELDS },
  authMethod: "client_secret_basic",
  openid: true,
  verificationHosts: ["login.xero.com"],
  note: "Ask for the scope offline_access to get a refresh token.",
  quirks: {},
  // An old one that was answered, but whose answer was lost, works for 30 minutes more.
  rotation: { kind: "grace", seconds: 1_800 },
} as const satisfies Provider;
