import type { Provider } from "../../provider.ts";

export const slack = {
  docs: "https://docs.slack.dev/authentication/installing-with-oauth/",
  register: "https://api.slack.com/apps",
  id: "slack",
  version: 2,
  endpoints: {
    authorization: "https://slack.com/oauth/v2/authorize",
    token: "https://slack.com/api/oauth.v2.access",
  },
  options: { token: { kind: "choice", choices: ["bot", "user"], default: "bot" } },
  // A token of the other kind keeps its odd `token_type`: nobody takes a bot's for a user's.
  variants: {
    token: {
      bot: { tokenTypes: ["bot"] },
      user: { tokenTypes: ["user"], tokenPath: "authed_user", scopeParameter: "user_scope" },
    },
  },
  authMethod: "client_secret_post",
  // "Redirect URLs": https alone, also for this machine.
  loopbackRedirect: "https://localhost:8214/callback",
  revocationCall: { method: "POST", url: "https://slack.com/api/auth.revoke", authorization: "token" },
  quirks: {
    errorUnderOk: true,
    scopeSeparator: ",",
    scopeSeparatorInRequests: true,
    errorCodes: {
      invalid_code: "invalid_grant",
      code_already_used: "invalid_grant",
      invalid_refresh_token: "invalid_grant",
      token_revoked: "invalid_grant",
      bad_client_secret: "invalid_client",
      invalid_client_id: "invalid_client",
      // Slack's common errors: the first two may come after part of the work was done.
      internal_error: "server_error",
      fatal_error: "server_error",
      service_unavailable: "temporarily_unavailable",
      ratelimited: "temporarily_unavailable",
    },
  },
  rotation: { kind: "strict" },
} as const satisfies Provider;
