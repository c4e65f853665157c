import type { Provider } from "../../provider.ts";

export const discord = {
  docs: "https://discord.com/developers/docs/topics/oauth2",
  register: "https://discord.com/developers/applications",
  id: "discord",
  version: 1,
  endpoints: {
    authorization: "https://discord.com/oauth2/authorize",
    token: "https://discord.com/api/oauth2/token",
    revocation: "https://discord.com/api/oauth2/token/revoke",
  },
  authMethod: "client_secret_basic",
  // Needs the scope `identify`.
  account: { url: "https://discord.com/api/users/@me", members: { subject: "id", name: "username" } },
  quirks: {},
  rotation: { kind: "strict" },
} as const satisfies Provider;
