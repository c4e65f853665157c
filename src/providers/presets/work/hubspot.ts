import type { Provider } from "../../provider.ts";

export const hubspot = {
  docs: "https://developers.hubspot.com/docs/api-reference/auth-oauth-v1/guide",
  register: "https://developers.hubspot.com/get-started",
  id: "hubspot",
  version: 1,
  endpoints: {
    authorization: "https://app.hubspot.com/oauth/authorize",
    token: "https://api.hubapi.com/oauth/v1/token",
  },
  authMethod: "client_secret_post",
  quirks: {
    errorMember: "status",
    errorTextMember: "message",
    errorCodes: {
      BAD_REFRESH_TOKEN: "invalid_grant",
      BAD_AUTH_CODE: "invalid_grant",
      EXPIRED_AUTH_CODE: "invalid_grant",
      BAD_CLIENT_ID: "invalid_client",
      BAD_CLIENT_SECRET: "invalid_client",
    },
  },
  rotation: { kind: "reusable" },
} as const satisfies Provider;
