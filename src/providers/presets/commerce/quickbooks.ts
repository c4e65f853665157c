import type { Provider } from "../../provider.ts";

export const quickbooks = {
  docs: "https://developer.intuit.com/app/developer/qbo/docs/develop/authentication-and-authorization/oauth-2.0",
  register: "https://developer.intuit.com/app/developer/dashboard",
  id: "quickbooks",
  version: 1,
  endpoints: {
    authorization: "https://appcenter.intuit.com/connect/oauth2",
    token: "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer",
    revocation: "https://developer.api.intuit.com/v2/oauth2/tokens/revoke",
  },
  authMethod: "client_secret_basic",
  // The value of the refresh token changes about once a day, and only the latest counts.
  quirks: {},
  rotation: { kind: "strict" },
} as const satisfies Provider;
