import type { Provider } from "../../provider.ts";

export const zoom = {
  docs: "https://developers.zoom.us/docs/integrations/oauth/",
  register: "https://marketplace.zoom.us/develop/create",
  id: "zoom",
  version: 1,
  endpoints: {
    authorization: "https://zoom.us/oauth/authorize",
    token: "https://zoom.us/oauth/token",
    deviceAuthorization: "https://zoom.us/oauth/devicecode",
    revocation: "https://zoom.us/oauth/revoke",
  },
  authMethod: "client_secret_basic",
  // Needs the scope `user:read:user`.
  account: { url: "https://api.zoom.us/v2/users/me", members: { subject: "id", name: "email" } },
  note: 'For the device grant switch on "Use App on Device" in the app\'s features.',
  quirks: {},
  rotation: { kind: "strict" },
} as const satisfies Provider;
