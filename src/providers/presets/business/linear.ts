import type { Provider } from "../../provider.ts";

export const linear = {
  docs: "https://linear.app/developers/oauth-2-0-authentication",
  register: "https://linear.app/settings/api/applications/new",
  id: "linear",
  version: 1,
  endpoints: {
    authorization: "https://linear.app/oauth/authorize",
    token: "https://api.linear.app/oauth/token",
    revocation: "https://api.linear.app/oauth/revoke",
  },
  authMethod: "client_secret_post",
  quirks: { scopeSeparator: ",", scopeSeparatorInRequests: true },
  // The old one works for 30 minutes more, as its documentation says.
  rotation: { kind: "grace", seconds: 1_800 },
} as const satisfies Provider;
