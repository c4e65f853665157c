import type { Provider } from "../../provider.ts";

export const twitch = {
  docs: "https://dev.twitch.tv/docs/authentication/getting-tokens-oauth/",
  register: "https://dev.twitch.tv/console/apps/create",
  id: "twitch",
  version: 1,
  endpoints: {
    authorization: "https://id.twitch.tv/oauth2/authorize",
    token: "https://id.twitch.tv/oauth2/token",
    deviceAuthorization: "https://id.twitch.tv/oauth2/device",
    revocation: "https://id.twitch.tv/oauth2/revoke",
  },
  authMethod: "client_secret_post",
  deviceAuthentication: false,
  account: { url: "https://id.twitch.tv/oauth2/validate", members: { subject: "user_id", name: "login" } },
  verificationHosts: ["www.twitch.tv"],
  quirks: {
    deviceScopeParameter: "scopes",
    scopeList: true,
    errorMember: "message",
    errorTextMember: "message",
    errorCodes: {
      "Invalid refresh token": "invalid_grant",
      "invalid device code": "invalid_grant",
      "invalid client secret": "invalid_client",
    },
  },
  // A public client's is for one use; a confidential one's may stay.
  rotation: { kind: "strict" },
} as const satisfies Provider;
