import type { Provider } from "../../provider.ts";

export const asana = {
  docs: "https://developers.asana.com/docs/oauth",
  register: "https://app.asana.com/0/my-apps",
  id: "asana",
  version: 1,
  endpoints: {
    authorization: "https://app.asana.com/-/oauth_authorize",
    token: "https://app.asana.com/-/oauth_token",
    revocation: "https://app.asana.com/-/oauth_revoke",
  },
  authMethod: "client_secret_post",
  quirks: {},
  rotation: { kind: "none" },
} as const satisfies Provider;
