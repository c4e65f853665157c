import type { Provider } from "../../provider.ts";

export const bitbucket = {
  docs: "https://developer.atlassian.com/cloud/bitbucket/oauth-2/",
  register: "https://bitbucket.org/account/workspaces/",
  id: "bitbucket",
  version: 1,
  endpoints: {
    authorization: "https://bitbucket.org/site/oauth2/authorize",
    token: "https://bitbucket.org/site/oauth2/access_token",
  },
  authMethod: "client_secret_basic",
  // Needs the scope `account`.
  account: {
    url: "https://api.bitbucket.org/2.0/user",
    members: { subject: "uuid", name: "nickname" },
    isNameShared: true,
  },
  // `scope` since May 2026; before, and perhaps still somewhere, `scopes`.
  quirks: { scopeMember: "scopes" },
  // Each use makes a new refresh token since May 2026; what becomes of the old one is not said.
  rotation: { kind: "strict" },
} as const satisfies Provider;
