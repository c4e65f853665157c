import type { Provider } from "../../provider.ts";
import { MICROSOFT_QUIRKS } from "./microsoft-quirks.ts";

export const microsoftAzureAd = {
  docs: "https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-device-code",
  register: "https://entra.microsoft.com/#view/Microsoft_AAD_RegisteredApps/ApplicationsListBlade",
  id: "microsoft_azure_ad",
  version: 2,
  endpoints: {
    authorization: "{base_url}/{tenant}/oauth2/v2.0/authorize",
    token: "{base_url}/{tenant}/oauth2/v2.0/token",
    deviceAuthorization: "{base_url}/{tenant}/oauth2/v2.0/devicecode",
  },
  options: {
    tenant: { kind: "text" },
    // National clouds: https://learn.microsoft.com/en-us/entra/identity-platform/authentication-national-cloud
    base_url: {
      kind: "url",
      about: "`https://login.microsoftonline.us` (US government) or `https://login.partner.microsoftonline.cn` (China)",
      default: "https://login.microsoftonline.com",
    },
  },
  credentialOptions: { tenant: { kind: "text" } },
  optionDefaults: { tenant: "organizations" },
  authMethod: "client_secret_post",
  // The portal takes no http address of 127.0.0.1: https://learn.microsoft.com/en-us/entra/identity-platform/reply-url
  loopbackRedirect: "http://localhost:8214/callback",
  verificationHosts: ["microsoft.com", "www.microsoft.com", "login.microsoft.com"],
  quirks: MICROSOFT_QUIRKS,
  rotation: { kind: "reusable" },
} as const satisfies Provider;
