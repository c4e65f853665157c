import type { Provider } from "../../provider.ts";

export const digitalocean = {
  docs: "https://docs.digitalocean.com/reference/api/oauth/",
  register: "https://cloud.digitalocean.com/account/api/applications/new",
  id: "digitalocean",
  version: 1,
  endpoints: {
    authorization: "https://cloud.digitalocean.com/v1/oauth/authorize",
    token: "https://cloud.digitalocean.com/v1/oauth/token",
    revocation: "https://cloud.digitalocean.com/v1/oauth/revoke",
  },
  authMethod: "client_secret_post",
  quirks: {},
  // For one use; the access token that came with it ends then.
  rotation: { kind: "strict" },
} as const satisfies Provider;
