import type { Provider } from "../../provider.ts";

export const hubspot = {
  docs: "https://developers.hubspot.com/docs/api-reference/2026-03/authentication/oauth-tokens/refresh-oauth-token",
  register: "https://developers.hubspot.com/get-started",
  id: "hubspot",
  version: 1,
  endpoints: {
    authorization: "https://app.hubspot.com/oauth/authorize",
    // Those of v1 end in February 2027.
    token: "https://api.hubapi.com/oauth/2026-03/token",
    revocation: "https://api.hubapi.com/oauth/2026-03/token/revoke",
  },
  authMethod: "client_secret_post",
  // http is accepted for this name alone.
  loopbackRedirect: "http://localhost:8214/callback",
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
