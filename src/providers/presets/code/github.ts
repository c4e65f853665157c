import type { Provider } from "../../provider.ts";

export const github = {
  docs: "https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps",
  register: "{base_url}/settings/developers",
  id: "github",
  version: 1,
  endpoints: {
    authorization: "{base_url}/login/oauth/authorize",
    token: "{base_url}/login/oauth/access_token",
    deviceAuthorization: "{base_url}/login/device/code",
  },
  options: { base_url: { kind: "url", default: "https://github.com" } },
  authMethod: "client_secret_post",
  // "Loopback redirect urls": the port need not be the registered one.
  anyLoopbackPort: true,
  deviceAuthentication: false,
  api: {
    url: "https://api.github.com",
    selfHosted: "{base_url}/api/v3",
    inDomain: { domain: "ghe.com", url: "https://api.{base_host}" },
  },
  revocationCall: {
    method: "DELETE",
    url: "{api_url}/applications/{client_id}/token",
    authorization: "client",
    tokenMember: "access_token",
  },
  account: { url: "{api_url}/user", members: { subject: "id", name: "login" } },
  quirks: {
    errorUnderOk: true,
    formAnswers: true,
    scopeSeparator: ",",
    errorCodes: {
      bad_verification_code: "invalid_grant",
      bad_refresh_token: "invalid_grant",
      incorrect_device_code: "invalid_grant",
      incorrect_client_credentials: "invalid_client",
      device_flow_disabled: "unauthorized_client",
    },
  },
  rotation: { kind: "strict" },
} as const satisfies Provider;
