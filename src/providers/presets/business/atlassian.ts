import type { Provider } from "../../provider.ts";

export const atlassian = {
  docs: "https://developer.atlassian.com/cloud/oauth/getting-started/refresh-tokens/",
  register: "https://developer.atlassian.com/console/myapps/",
  id: "atlassian",
  version: 1,
  endpoints: {
    authorization: "https://auth.atlassian.com/authorize",
    token: "https://auth.atlassian.com/oauth/token",
  },
  authMethod: "client_secret_post",
  authorizationParameters: { audience: "api.atlassian.com", prompt: "consent" },
  // Needs the scope `read:me`.
  account: { url: "https://api.atlassian.com/me", members: { subject: "account_id", name: "email" } },
  note: "Ask for the scope offline_access to get a refresh token.",
  quirks: {},
  // Ten minutes for whoever did not receive the answer; access tokens of the old pair end then too.
  rotation: { kind: "grace", seconds: 600 },
} as const satisfies Provider;
