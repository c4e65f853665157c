import type { Provider } from "../../provider.ts";

export const airtable = {
  docs: "https://airtable.com/developers/web/api/oauth-reference",
  register: "https://airtable.com/create/oauth",
  id: "airtable",
  version: 1,
  endpoints: {
    authorization: "https://airtable.com/oauth2/v1/authorize",
    token: "https://airtable.com/oauth2/v1/token",
  },
  authMethod: "client_secret_basic",
  account: { url: "https://api.airtable.com/v0/meta/whoami", members: { subject: "id", name: "email" } },
  quirks: {},
  // A second use ends the grant.
  rotation: { kind: "strict" },
} as const satisfies Provider;
