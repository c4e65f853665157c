import type { Provider } from "../../provider.ts";

export const heroku = {
  docs: "https://devcenter.heroku.com/articles/oauth",
  register: "https://dashboard.heroku.com/account/clients/new",
  id: "heroku",
  version: 1,
  endpoints: {
    authorization: "https://id.heroku.com/oauth/authorize",
    token: "https://id.heroku.com/oauth/token",
  },
  authMethod: "client_secret_post",
  quirks: {},
  rotation: { kind: "strict" },
} as const satisfies Provider;
