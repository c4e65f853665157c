import type { Provider } from "../../provider.ts";

export const fitbit = {
  docs: "https://dev.fitbit.com/build/reference/web-api/developer-guide/authorization/",
  register: "https://dev.fitbit.com/apps/new",
  id: "fitbit",
  version: 1,
  endpoints: {
    authorization: "https://www.fitbit.com/oauth2/authorize",
    token: "https://api.fitbit.com/oauth2/token",
    revocation: "https://api.fitbit.com/oauth2/revoke",
  },
  authMethod: "client_secret_basic",
  note: "Its Web API gives way to the Google Health API, whose sign-in is Google's: for that use the provider google.",
  quirks: { errorMember: "errors.0.errorType", errorTextMember: "errors.0.message" },
  // The same answer comes again for two minutes, as its documentation says.
  rotation: { kind: "grace", seconds: 120 },
} as const satisfies Provider;
