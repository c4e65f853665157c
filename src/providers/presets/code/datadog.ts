import type { Provider } from "../../provider.ts";

const HOST = {
  kind: "text",
  pattern: "([a-z0-9]+\\.)?(datadoghq\\.com|datadoghq\\.eu|ddog-gov\\.com)",
  invalid: "must be a host of Datadog, such as us5.datadoghq.com",
} as const;

export const datadog = {
  docs: "https://docs.datadoghq.com/extend/authorization/oauth2_endpoints",
  register: "https://app.datadoghq.com/apps",
  id: "datadog",
  version: 1,
  endpoints: {
    authorization: "https://{app}/oauth2/v1/authorize",
    token: "https://api.{site}/oauth2/v1/token",
    revocation: "https://api.{site}/oauth2/v1/revoke",
  },
  options: {
    site: { ...HOST, default: "datadoghq.com" },
    app: { ...HOST, about: "where people sign in to that site", default: "app.datadoghq.com" },
  },
  authMethod: "client_secret_post",
  note: "Outside of the first site in the United States say both site and app, such as us3.datadoghq.com.",
  unprinted:
    "Its documentation prints no answer of its token endpoint: it says that a token lives for an hour, and that a refresh gives both tokens anew.",
  defaultExpirySeconds: 3_600,
  quirks: {},
  rotation: { kind: "strict" },
} as const satisfies Provider;
