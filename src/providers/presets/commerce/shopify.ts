import { REQUEST_OPTIONS } from "../../generic-options.ts";
import type { Provider } from "../../provider.ts";
import { subdomain } from "../domain.ts";

export const shopify = {
  docs: "https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/offline-access-tokens",
  register: "https://dev.shopify.com/dashboard",
  id: "shopify",
  version: 1,
  endpoints: {
    authorization: "https://{shop}.myshopify.com/admin/oauth/authorize",
    token: "https://{shop}.myshopify.com/admin/oauth/access_token",
  },
  options: {
    shop: subdomain("myshopify.com"),
    // Tokens of an hour, with a refresh token: public apps must have them.
    request_parameters: { ...REQUEST_OPTIONS.request_parameters, default: '{"expiring":"1"}' },
  },
  authMethod: "client_secret_post",
  quirks: { tokenTypeOptional: true, scopeSeparator: ",", scopeSeparatorInRequests: true },
  rotation: { kind: "strict" },
} as const satisfies Provider;
