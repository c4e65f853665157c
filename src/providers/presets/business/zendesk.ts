import type { Provider } from "../../provider.ts";
import { subdomain } from "../domain.ts";

export const zendesk = {
  docs: "https://developer.zendesk.com/documentation/api-basics/authentication/refresh-token",
  register: "https://{subdomain}.zendesk.com/admin/apps-integrations/apis/oauth-clients",
  id: "zendesk",
  version: 1,
  endpoints: {
    authorization: "https://{subdomain}.zendesk.com/oauth/authorizations/new",
    token: "https://{subdomain}.zendesk.com/oauth/tokens",
  },
  options: { subdomain: subdomain("zendesk.com") },
  authMethod: "client_secret_post",
  // No revocation: its call for the token in use answers 204, and many report that the token lives on.
  quirks: {},
  // A refresh deletes the access and the refresh token before.
  rotation: { kind: "strict" },
} as const satisfies Provider;
