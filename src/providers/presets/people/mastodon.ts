import type { Provider } from "../../provider.ts";

export const mastodon = {
  docs: "https://docs.joinmastodon.org/methods/oauth/",
  register: "{base_url}/settings/applications/new",
  id: "mastodon",
  version: 1,
  endpoints: {
    authorization: "{base_url}/oauth/authorize",
    token: "{base_url}/oauth/token",
    revocation: "{base_url}/oauth/revoke",
  },
  options: { base_url: { kind: "url", required: "base URL is required, such as https://mastodon.social" } },
  authMethod: "client_secret_post",
  account: {
    url: "{base_url}/api/v1/accounts/verify_credentials",
    members: { subject: "id", name: "username" },
  },
  note: "Its tokens do not expire, and there is no refresh token.",
  quirks: {},
  rotation: { kind: "none" },
} as const satisfies Provider;
