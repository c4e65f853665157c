import type { Provider } from "../../provider.ts";

export const stripe = {
  docs: "https://docs.stripe.com/stripe-apps/api-authentication/oauth",
  register: "https://dashboard.stripe.com/apps",
  id: "stripe",
  version: 1,
  endpoints: {
    authorization: "https://marketplace.stripe.com/oauth/v2/authorize",
    token: "https://api.stripe.com/v1/oauth/token",
  },
  // The secret is the API key of the account that owns the app, sent as the user name.
  authMethod: "client_secret_post",
  defaultExpirySeconds: 3_600,
  quirks: {},
  rotation: { kind: "strict" },
} as const satisfies Provider;
