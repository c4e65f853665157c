import type { Provider } from "../../provider.ts";

export const intercom = {
  docs: "https://developers.intercom.com/docs/build-an-integration/learn-more/authentication/setting-up-oauth",
  register: "https://app.intercom.com/a/developer-signup",
  id: "intercom",
  version: 1,
  endpoints: {
    authorization: "https://app.intercom.com/oauth",
    token: "https://api.intercom.io/auth/eagle/token",
  },
  authMethod: "client_secret_post",
  account: { url: "https://api.intercom.io/me", members: { subject: "id", name: "email" } },
  note: "Permissions are chosen in the app's settings, not by scopes. Its tokens do not expire, and there is no refresh token.",
  quirks: {},
  rotation: { kind: "none" },
} as const satisfies Provider;
