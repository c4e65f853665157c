import type { Provider } from "../../provider.ts";

export const spotify = {
  docs: "https://developer.spotify.com/documentation/web-api/tutorials/code-flow",
  register: "https://developer.spotify.com/dashboard",
  id: "spotify",
  version: 1,
  endpoints: {
    authorization: "https://accounts.spotify.com/authorize",
    token: "https://accounts.spotify.com/api/token",
  },
  authMethod: "client_secret_basic",
  account: {
    url: "https://api.spotify.com/v1/me",
    members: { subject: "id", name: "display_name" },
    isNameShared: true,
  },
  quirks: {},
  // None with a secret; a public client (PKCE) is given a new one each time.
  rotation: { kind: "strict" },
} as const satisfies Provider;
