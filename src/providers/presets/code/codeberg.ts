import type { Provider } from "../../provider.ts";

export const codeberg = {
  docs: "https://docs.codeberg.org/integrations/keycloak/",
  register: "https://codeberg.org/user/settings/applications",
  id: "codeberg",
  version: 1,
  endpoints: {
    authorization: "https://codeberg.org/login/oauth/authorize",
    token: "https://codeberg.org/login/oauth/access_token",
  },
  authMethod: "client_secret_post",
  account: { url: "https://codeberg.org/api/v1/user", members: { subject: "id", name: "login" } },
  quirks: {},
  rotation: { kind: "strict" },
} as const satisfies Provider;
