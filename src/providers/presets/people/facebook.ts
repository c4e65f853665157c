import type { Provider } from "../../provider.ts";

export const facebook = {
  docs: "https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow",
  register: "https://developers.facebook.com/apps/create/",
  id: "facebook",
  version: 1,
  endpoints: {
    authorization: "https://www.facebook.com/dialog/oauth",
    token: "https://graph.facebook.com/oauth/access_token",
  },
  authMethod: "client_secret_post",
  account: { url: "https://graph.facebook.com/me", members: { subject: "id", name: "name" }, isNameShared: true },
  note: "There is no refresh token: a token lives up to 60 days, then a person signs in again.",
  quirks: {
    scopeSeparator: ",",
    scopeSeparatorInRequests: true,
    errorMember: "error.type",
    errorTextMember: "error.message",
  },
  rotation: { kind: "none" },
} as const satisfies Provider;
