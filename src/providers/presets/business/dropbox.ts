import type { Provider } from "../../provider.ts";

export const dropbox = {
  docs: "https://developers.dropbox.com/oauth-guide",
  register: "https://www.dropbox.com/developers/apps/create",
  id: "dropbox",
  version: 1,
  endpoints: {
    authorization: "https://www.dropbox.com/oauth2/authorize",
    token: "https://api.dropboxapi.com/oauth2/token",
  },
  authMethod: "client_secret_basic",
  authorizationParameters: { token_access_type: "offline" },
  // Ends the access token, and the refresh token it came from.
  revocationCall: { method: "POST", url: "https://api.dropboxapi.com/2/auth/token/revoke", authorization: "token" },
  quirks: {},
  rotation: { kind: "none" },
} as const satisfies Provider;
