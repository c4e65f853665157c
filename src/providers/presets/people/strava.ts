import type { Provider } from "../../provider.ts";

export const strava = {
  docs: "https://developers.strava.com/docs/authentication/",
  register: "https://www.strava.com/settings/api",
  id: "strava",
  version: 1,
  endpoints: {
    authorization: "https://www.strava.com/oauth/authorize",
    token: "https://www.strava.com/api/v3/oauth/token",
  },
  authMethod: "client_secret_post",
  authorizationParameters: { approval_prompt: "auto" },
  account: { url: "https://www.strava.com/api/v3/athlete", members: { subject: "id", name: "username" } },
  revocationCall: { method: "POST", url: "https://www.strava.com/oauth/deauthorize", authorization: "token" },
  quirks: { scopeSeparator: ",", scopeSeparatorInRequests: true },
  rotation: { kind: "strict" },
} as const satisfies Provider;
