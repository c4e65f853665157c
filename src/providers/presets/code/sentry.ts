import type { Provider } from "../../provider.ts";

export const sentry = {
  docs: "https://docs.sentry.io/api/auth/",
  register: "{base_url}/settings/account/api/applications/",
  id: "sentry",
  version: 1,
  endpoints: {
    authorization: "{base_url}/oauth/authorize/",
    token: "{base_url}/oauth/token/",
    deviceAuthorization: "{base_url}/oauth/device/code/",
  },
  options: { base_url: { kind: "url", default: "https://sentry.io" } },
  authMethod: "client_secret_post",
  quirks: {},
  rotation: { kind: "strict" },
} as const satisfies Provider;
