import { EXTRA_DATA_FIELDS } from "../../extra-data-fields.ts";
import { REQUEST_OPTIONS } from "../../generic-options.ts";
import type { Provider } from "../../provider.ts";
import { MICROSOFT_QUIRKS } from "./microsoft-quirks.ts";

export const entra = {
  docs: "https://learn.microsoft.com/en-us/entra/identity-platform/v2-protocols-oidc",
  register: "https://entra.microsoft.com/#view/Microsoft_AAD_RegisteredApps/ApplicationsListBlade",
  id: "entra",
  version: 1,
  discovery: "https://login.microsoftonline.com/{tenant}/v2.0",
  options: {
    tenant: {
      kind: "text",
      required: "tenant is required: its id or domain",
      pattern: "(?!common$|organizations$|consumers$)[A-Za-z0-9.-]+",
      invalid: "must be one tenant; for common, organizations and consumers use the provider microsoft_azure_ad",
    },
    extra_data_fields: EXTRA_DATA_FIELDS,
    ...REQUEST_OPTIONS,
  },
  credentialOptions: { nonce: { kind: "text" }, ...REQUEST_OPTIONS },
  openid: true,
  // The portal takes no http address of 127.0.0.1, and any port of this one: https://learn.microsoft.com/en-us/entra/identity-platform/reply-url
  loopbackRedirect: "http://localhost:8214/callback",
  verificationHosts: ["microsoft.com", "www.microsoft.com", "login.microsoft.com"],
  note: "Ask for the scope offline_access to get a refresh token, and allow public client flows for the device grant.",
  quirks: MICROSOFT_QUIRKS,
  rotation: { kind: "reusable" },
} as const satisfies Provider;
