import type { Provider } from "../../provider.ts";
import { subdomain } from "../domain.ts";

export const shopify = {
  docs: "https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/authorization-code-grant",
  register: "https://dev.shopify.com/dashboard",
  id: "shopify",
  version: 1,
  endpoints: {
    authorization: "https://{shop}.myshopify.com/admin/oauth/authorize",
    token: "https://{shop}.myshopify.com/admin/oauth/access_token",
  },
  options: { shop: subdomain("myshopify.com") },
  authMethod: "client_secret_post",
  quirks: { tokenTypeOptional: true, scopeSeparator: ",", scopeSeparatorInRequests: true },
  rotation: { kind: "strict" },
} as const satisfies Provider;
