import type { Provider } from "../../provider.ts";

export const linkedin = {
  docs: "https://learn.microsoft.com/en-us/linkedin/shared/authentication/authorization-code-flow",
  register: "https://www.linkedin.com/developers/apps/new",
  id: "linkedin",
  version: 1,
  endpoints: {
    authorization: "https://www.linkedin.com/oauth/v2/authorization",
    token: "https://www.linkedin.com/oauth/v2/accessToken",
    revocation: "https://www.linkedin.com/oauth/v2/revoke",
  },
  authMethod: "client_secret_post",
  // Needs the scopes `openid` and `profile`.
  account: {
    url: "https://api.linkedin.com/v2/userinfo",
    members: { subject: "sub", name: "name" },
    isNameShared: true,
  },
  note: "A token lives 60 days; refresh tokens are given to approved partners only.",
  quirks: { scopeSeparator: ",", tokenTypeOptional: true },
  rotation: { kind: "reusable" },
} as const satisfies Provider;
