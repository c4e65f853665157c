import type { Provider } from "../../provider.ts";

export const paypal = {
  docs: "https://developer.paypal.com/api/rest/authentication/",
  register: "https://developer.paypal.com/dashboard/applications",
  id: "paypal",
  version: 1,
  endpoints: {
    authorization: "https://www.paypal.com/signin/authorize",
    token: "{base_url}/v1/oauth2/token",
  },
  options: {
    base_url: { kind: "url", default: "https://api-m.paypal.com", about: "https://api-m.sandbox.paypal.com to try it" },
  },
  authMethod: "client_secret_basic",
  quirks: {},
  rotation: { kind: "none" },
} as const satisfies Provider;
