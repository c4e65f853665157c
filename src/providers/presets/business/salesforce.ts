import type { Provider } from "../../provider.ts";
import { ROTATION } from "../../rotation.ts";

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
    rotation: ROTATION,
  },
  authMethod: "client_secret_post",
  // http is accepted for this name alone.
  loopbackRedirect: "http://localhost:8214/callback",
  account: { url: "{base_url}/services/oauth2/userinfo", members: { subject: "sub", name: "preferred_username" } },
  note: "Ask for the scope refresh_token. Answers do not say how long a token lives: set default_expiry_seconds to the session time-out of your org.",
  quirks: {},
  // A setting of the app: with it, a second use ends the grant; without, "none".
  rotation: { kind: "strict" },
  rotationOption: "rotation",
} as const satisfies Provider;
