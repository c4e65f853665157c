import type { Provider } from "../../provider.ts";

export const x = {
  docs: "https://docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code",
  register: "https://developer.x.com/en/portal/dashboard",
  id: "x",
  version: 1,
  endpoints: {
    authorization: "https://x.com/i/oauth2/authorize",
    token: "https://api.x.com/2/oauth2/token",
    revocation: "https://api.x.com/2/oauth2/revoke",
  },
  authMethod: "client_secret_basic",
  note: "Ask for the scope offline.access to get a refresh token. It wants PKCE: use pkce=S256.",
  quirks: {},
  rotation: { kind: "strict" },
} as const satisfies Provider;
