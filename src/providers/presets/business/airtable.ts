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
  note: "It wants PKCE: use pkce=S256. Ask for the scope user.email:read, or a login has no name.",
  quirks: {},
  // A second use ends the grant.
  rotation: { kind: "strict" },
} as const satisfies Provider;
