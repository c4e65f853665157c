import type { Provider } from "../../provider.ts";

export const netlify = {
  docs: "https://docs.netlify.com/api-and-cli-guides/api-guides/get-started-with-api/",
  register: "https://app.netlify.com/user/applications",
  id: "netlify",
  version: 1,
  endpoints: {
    authorization: "https://app.netlify.com/authorize",
    token: "https://api.netlify.com/oauth/token",
  },
  authMethod: "client_secret_post",
  account: { url: "https://api.netlify.com/api/v1/user", members: { subject: "id", name: "email" } },
  unprinted:
    "No answer of its token endpoint was found in its documentation: it is read as the standard has it, and nobody has seen a refresh token.",
  quirks: {},
  rotation: { kind: "none" },
} as const satisfies Provider;
