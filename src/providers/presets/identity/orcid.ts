import type { Provider } from "../../provider.ts";

export const orcid = {
  docs: "https://info.orcid.org/documentation/api-tutorials/api-tutorial-get-and-authenticated-orcid-id/",
  register: "https://orcid.org/developer-tools",
  id: "orcid",
  version: 1,
  endpoints: {
    authorization: "{base_url}/oauth/authorize",
    token: "{base_url}/oauth/token",
    revocation: "{base_url}/oauth/revoke",
  },
  options: { base_url: { kind: "url", default: "https://orcid.org", about: "https://sandbox.orcid.org to try it" } },
  authMethod: "client_secret_post",
  quirks: {},
  // A refresh revokes the token before, unless it says revoke_old=false.
  rotation: { kind: "strict" },
} as const satisfies Provider;
