import type { Provider } from "../../provider.ts";

export const notion = {
  docs: "https://developers.notion.com/guides/get-started/authorization",
  register: "https://www.notion.so/developers/connections",
  id: "notion",
  version: 1,
  endpoints: {
    authorization: "https://api.notion.com/v1/oauth/authorize",
    token: "https://api.notion.com/v1/oauth/token",
    revocation: "https://api.notion.com/v1/oauth/revoke",
  },
  authMethod: "client_secret_basic",
  authorizationParameters: { owner: "user" },
  quirks: {},
  rotation: { kind: "strict" },
} as const satisfies Provider;
