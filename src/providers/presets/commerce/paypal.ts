import type { Provider } from "../../provider.ts";

export const paypal = {
  docs: "https://developer.paypal.com/api/rest/authentication/",
  register: "https://developer.paypal.com/dashboard/applications",
  id: "paypal",
  version: 1,
  endpoints: {
    authorization: "https://www.{host}/signin/authorize",
    token: "https://api-m.{host}/v1/oauth2/token",
  },
  options: { host: { kind: "choice", choices: ["paypal.com", "sandbox.paypal.com"], default: "paypal.com" } },
  authMethod: "client_secret_basic",
  quirks: {},
  rotation: { kind: "none" },
} as const satisfies Provider;
