import type { Provider } from "../../provider.ts";

export const figma = {
  docs: "https://developers.figma.com/docs/rest-api/authentication/",
  register: "https://www.figma.com/developers/apps",
  id: "figma",
  version: 1,
  endpoints: {
    authorization: "https://www.figma.com/oauth",
    token: "https://api.figma.com/v1/oauth/token",
    refresh: "https://api.figma.com/v1/oauth/refresh",
  },
  authMethod: "client_secret_basic",
  // Needs the scope `current_user:read`.
  account: { url: "https://api.figma.com/v1/me", members: { subject: "id", name: "handle" }, isNameShared: true },
  quirks: {},
  // A refresh answers without one.
  rotation: { kind: "none" },
} as const satisfies Provider;
