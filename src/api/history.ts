import { type Static, Type } from "typebox";
import { optional, strings, time } from "./answer-field.ts";
import { credentialInfo } from "./list.ts";

/** What the credential is now; reading it refreshes nothing. */
const CredentialState = Type.Object({
  ...credentialInfo,
  error_description: optional("The reason, written for people"),
  provider_error: optional("The provider's own error code"),
  issue_time: time("When the access token was issued"),
  scopes: Type.Optional(strings("As granted")),
  refreshable: Type.Optional(Type.Boolean({ description: "Issued ones only: whether it is refreshed automatically" })),
  refresh_expire_time: time("When the refresh token expires, if its server says so"),
  retryable: Type.Optional(
    Type.Literal(true, { description: "Its grant was called dead, and what is left of it can be tried once more" }),
  ),
  user_code: optional("Pending ones only: the code that the person types"),
  verification_uri: optional("Where"),
  verification_uri_complete: optional("The same address with the code filled in"),
  url: optional("The link that the person follows, of a pending login by link"),
  interval: Type.Optional(Type.Integer({ description: "Seconds between polls" })),
  next_task: optional("What the broker does next: poll, refresh, redeem, expire, or reap (it is removed)"),
  next_time: time("When"),
});

/** The life of a credential at `creds/:name/history`, oldest attempt first. */
export const HistoryData = Type.Object({
  credential: CredentialState,
  attempts: Type.Array(
    Type.Object({
      time: Type.String({ format: "date-time" }),
      last_time: Type.Optional(
        Type.String({ format: "date-time", description: "Time of the last of several equal attempts" }),
      ),
      count: Type.Optional(Type.Integer({ description: "Number of equal attempts in a row; absent = one" })),
      kind: Type.String({
        description:
          "device, code, import, callback: how the grant started; poll, refresh, expire; server: the server record was written; retry; id_token: one that waited for its key",
      }),
      outcome: Type.String({
        description:
          "started, pending, issued, recovered, late, refused, unavailable, in_doubt, not_tried, expired, cleared",
      }),
      reason: Type.Optional(Type.String({ description: "Stable reason code, or the provider's own error code" })),
      instance: Type.String({ description: "The process that made the attempt" }),
    }),
  ),
});
export type HistoryData = Static<typeof HistoryData>;
