import type { Provider } from "../../provider.ts";

export const gitlab = {
  docs: "https://docs.gitlab.com/api/oauth2/",
  register: "{base_url}/-/user_settings/applications",
  id: "gitlab",
  version: 1,
  endpoints: {
    authorization: "{base_url}/oauth/authorize",
    token: "{base_url}/oauth/token",
    deviceAuthorization: "{base_url}/oauth/authorize_device",
    revocation: "{base_url}/oauth/revoke",
  },
  options: { base_url: { kind: "url", default: "https://gitlab.com" } },
  authMethod: "client_secret_post",
  // Needs the scope `read_user` or `api`.
  account: { url: "{base_url}/api/v4/user", members: { subject: "id", name: "username" } },
  quirks: {},
  rotation: { kind: "strict" },
} as const satisfies Provider;
