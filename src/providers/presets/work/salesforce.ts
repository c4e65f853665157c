import type { Provider } from "../../provider.ts";

export const salesforce = {
  docs: "https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_flows.htm",
  register: "https://login.salesforce.com/lightning/setup/NavigationMenus/home",
  id: "salesforce",
  version: 1,
  endpoints: {
    authorization: "{base_url}/services/oauth2/authorize",
    token: "{base_url}/services/oauth2/token",
    revocation: "{base_url}/services/oauth2/revoke",
  },
  options: {
    base_url: {
      kind: "url",
      default: "https://login.salesforce.com",
      about: "that of a sandbox is https://test.salesforce.com",
    },
  },
  authMethod: "client_secret_post",
  account: { url: "{base_url}/services/oauth2/userinfo", members: { subject: "sub", name: "preferred_username" } },
  note: "Ask for the scope refresh_token. Answers do not say how long a token lives: set default_expiry_seconds to the session time-out of your org.",
  quirks: {},
  // Rotation is a setting of the connected app.
  rotation: { kind: "strict" },
} as const satisfies Provider;
