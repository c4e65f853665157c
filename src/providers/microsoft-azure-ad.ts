import type { Provider } from "./provider.ts";

export const microsoftAzureAd = {
  docs: "https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-device-code",
  id: "microsoft_azure_ad",
  version: 2,
  endpoints: {
    authorization: "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize",
    token: "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",
    deviceAuthorization: "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/devicecode",
  },
  options: { tenant: { kind: "text" } },
  credentialOptions: { tenant: { kind: "text" } },
  optionDefaults: { tenant: "organizations" },
  authMethod: "client_secret_post",
  verificationHosts: ["microsoft.com", "www.microsoft.com", "login.microsoft.com"],
  quirks: {
    scopePrefixes: ["https://graph.microsoft.com/"],
    errorCodes: {
      authorization_declined: "access_denied",
      bad_verification_code: "invalid_grant",
      interaction_required: "invalid_grant",
    },
  },
  rotation: { kind: "reusable" },
} as const satisfies Provider;
