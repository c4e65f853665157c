import type { Provider } from "../../provider.ts";

export const docusign = {
  docs: "https://developers.docusign.com/platform/auth/authcode/",
  register: "https://admindemo.docusign.com/apps-and-keys",
  id: "docusign",
  version: 1,
  endpoints: {
    authorization: "{base_url}/oauth/auth",
    token: "{base_url}/oauth/token",
  },
  options: {
    base_url: {
      kind: "url",
      default: "https://account.docusign.com",
      about: "https://account-d.docusign.com for developer accounts",
    },
  },
  authMethod: "client_secret_basic",
  account: { url: "{base_url}/oauth/userinfo", members: { subject: "sub", name: "email" } },
  note: "Ask for the scope extended to be given a new refresh token with each refresh; without it the login ends after 30 days.",
  quirks: {},
  rotation: { kind: "strict" },
} as const satisfies Provider;
