import type { Provider } from "../../provider.ts";

export const reddit = {
  docs: "https://github.com/reddit-archive/reddit/wiki/OAuth2",
  register: "https://www.reddit.com/prefs/apps",
  id: "reddit",
  version: 1,
  endpoints: {
    authorization: "https://www.reddit.com/api/v1/authorize",
    token: "https://www.reddit.com/api/v1/access_token",
    revocation: "https://www.reddit.com/api/v1/revoke_token",
  },
  authMethod: "client_secret_basic",
  authorizationParameters: { duration: "permanent" },
  // Needs the scope `identity`.
  account: { url: "https://oauth.reddit.com/api/v1/me", members: { subject: "id", name: "name" } },
  quirks: { errorUnderOk: true },
  rotation: { kind: "none" },
} as const satisfies Provider;
