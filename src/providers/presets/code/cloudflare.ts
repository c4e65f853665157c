import type { Provider } from "../../provider.ts";

export const cloudflare = {
  docs: "https://developers.cloudflare.com/fundamentals/oauth/create-an-oauth-client/",
  register: "https://dash.cloudflare.com/?to=/:account/oauth-clients",
  id: "cloudflare",
  version: 1,
  endpoints: {
    authorization: "https://dash.cloudflare.com/oauth2/auth",
    token: "https://dash.cloudflare.com/oauth2/token",
    revocation: "https://dash.cloudflare.com/oauth2/revoke",
  },
  authMethod: "client_secret_basic",
  note: "Ask for the scope offline_access to get a refresh token.",
  unprinted:
    "Its documentation prints no answer of its token endpoint; its own client (wrangler, in cloudflare/workers-sdk) reads expires_in, refresh_token and scope, as the standard has them.",
  quirks: {},
  rotation: { kind: "strict" },
} as const satisfies Provider;
