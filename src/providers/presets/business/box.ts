import type { Provider } from "../../provider.ts";

export const box = {
  docs: "https://developer.box.com/guides/authentication/oauth2/",
  register: "https://app.box.com/developers/console",
  id: "box",
  version: 1,
  endpoints: {
    authorization: "https://account.box.com/api/oauth2/authorize",
    token: "https://api.box.com/oauth2/token",
    revocation: "https://api.box.com/oauth2/revoke",
  },
  authMethod: "client_secret_post",
  account: { url: "https://api.box.com/2.0/users/me", members: { subject: "id", name: "login" } },
  quirks: {},
  rotation: { kind: "strict" },
} as const satisfies Provider;
