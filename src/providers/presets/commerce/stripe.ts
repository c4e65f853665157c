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
  authMethod: "client_secret_basic",
  secretIsUser: true,
  defaultExpirySeconds: 3_600,
  note: "The client secret is the API key of the account that owns the app.",
  quirks: {},
  rotation: { kind: "strict" },
} as const satisfies Provider;
