import type { Provider } from "../../provider.ts";

export const datadog = {
  docs: "https://docs.datadoghq.com/extend/authorization/oauth2_endpoints",
  register: "https://app.datadoghq.com/apps",
  id: "datadog",
  version: 1,
  endpoints: {
    authorization: "https://app.{site}/oauth2/v1/authorize",
    token: "https://api.{site}/oauth2/v1/token",
    revocation: "https://api.{site}/oauth2/v1/revoke",
  },
  options: {
    site: {
      kind: "choice",
      choices: [
        "datadoghq.com",
        "us3.datadoghq.com",
        "us5.datadoghq.com",
        "datadoghq.eu",
        "ap1.datadoghq.com",
        "ap2.datadoghq.com",
        "ddog-gov.com",
      ],
      default: "datadoghq.com",
    },
  },
  authMethod: "client_secret_post",
  quirks: {},
  rotation: { kind: "strict" },
} as const satisfies Provider;
