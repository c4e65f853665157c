import { type Static, Type } from "typebox";
import { optional, strings, time, wholeSeconds } from "./answer-field.ts";
import { bool, commaList, pairs, seconds, secretText, text } from "./field.ts";
import { prompt, way } from "./session-prompt.ts";

/**
 * The session API (docs/sessions.md): flat JSON outside `/v1`, errors as in OAuth. Paths:
 *
 *     POST   /sessions                 SessionParameters → 201 SessionStarted; a token where the server asks for one
 *     GET    /session                  SessionReadParameters → SessionData     (bearer: the session id, as for all below)
 *     GET    /session/events           text/event-stream of SessionData, event `session`
 *     GET    /session/token            SessionTokenParameters → SessionTokenData
 *     POST   /session/login            SessionLoginParameters → SessionData; another login under the same session
 *     POST   /session/rejected         RejectedParameters → RejectedData
 *     POST   /session/callback         SessionCallbackParameters → SessionData
 *     DELETE /session                  SessionEndParameters → SessionEnded; also cancels a login that is pending
 *     ANY    /session/proxy/API/PATH   whatever that API answers
 *     GET    /sessions                 SessionListParameters → SessionList     (the operator's token)
 *     DELETE /sessions/ID              SessionEnded                            (the operator's token)
 *     POST   /sessions/revoke          RevokeSessionsParameters → RevokedSessions (the operator's token)
 */

/** A login is asked for. */
export const SessionParameters = Type.Object({
  server: text("Server; empty = the default server"),
  scopes: commaList("Scopes to request: a list, or one string separated by spaces or commas"),
  label: text("Name of the program, shown to the person; at most 100 characters"),
  flow: text(
    "page = always sign in by a browser: at the broker's own page, or where the broker is a person's own at the provider's; empty = use the provider's device grant if it has one",
  ),
  options: pairs("Provider options", true),
  expected_account: text(
    "Accept only this account: its subject, user name or verified e-mail address; empty = any account",
  ),
  maximum_expiry_seconds: seconds("Maximum lifetime of every token; 0 = no limit but the server's", 0),
  allow_tools: commaList("Tools of an MCP server that the session may list and call: names, with * and ?; empty = all"),
  deny_tools: commaList("Tools that it may not, whatever is allowed"),
  coalesce: text(
    "A secret of the program, 32 to 128 characters: a pending login with the same server, scopes, label, flow, account and secret is joined",
  ),
});
export type SessionParameters = Static<typeof SessionParameters>;

/** `denied`: by the person. `expired`: nobody finished the login in time. `failed`: see `reason`; a new login is needed. */
export const SessionStatus = Type.Union([
  Type.Literal("pending"),
  Type.Literal("active"),
  Type.Literal("denied"),
  Type.Literal("expired"),
  Type.Literal("failed"),
]);
export type SessionStatus = Static<typeof SessionStatus>;

/** 201: the only answer that holds the session id. */
const leadsTo = {
  api_server: Type.Optional(
    Type.String({ description: "The API server that it is for (MCP, Matrix), by its URL or name" }),
  ),
  resource: Type.Optional(Type.String({ description: "What its tokens are for (RFC 8707)" })),
};

export const SessionStarted = Type.Object({
  session_id: Type.String({ description: "The secret: the bearer token of every call of the session; shown once" }),
  id: Type.String({ description: "Identifies the session to operators; not a secret" }),
  status: SessionStatus,
  server: Type.String(),
  ...leadsTo,
  scopes: strings("As requested"),
  label: Type.Optional(Type.String()),
  ...way,
  ...prompt,
  user_code: Type.String(),
  verification_uri: Type.String(),
  expires_in: wholeSeconds("Seconds until the login expires"),
  interval: wholeSeconds("Seconds to wait before asking again"),
  joined: Type.Optional(Type.Boolean({ description: "True when a pending login was joined" })),
  warnings: Type.Optional(Type.Array(Type.String())),
});
export type SessionStarted = Static<typeof SessionStarted>;

/** Who signed in, as the id_token or userinfo says; absent where the provider tells neither. */
export const SessionAccount = Type.Object({
  subject: Type.String(),
  issuer: Type.String(),
  name: Type.Optional(Type.String({ description: "For people: preferred_username, name or email" })),
});
export type SessionAccount = Static<typeof SessionAccount>;

const trouble = {
  reason: optional("Why the session ended, or what is wrong now: a code of SESSION_ERRORS"),
  error_description: optional("The same, written for people"),
  provider_error: optional("The provider's own error code"),
};

export const SessionData = Type.Object({
  id: Type.String({ description: "Identifies the session to operators; not a secret" }),
  status: SessionStatus,
  server: Type.String(),
  ...leadsTo,
  scopes: strings("As requested"),
  granted_scopes: Type.Optional(strings("Active sessions only: the scopes that were granted")),
  label: Type.Optional(Type.String()),
  account: Type.Optional(SessionAccount),
  extra_data: Type.Optional(
    Type.Record(Type.String(), Type.Unknown(), {
      description: "Where the account lives (Matrix: homeserver, user_id, device_id, account links)",
    }),
  ),
  ...way,
  ...prompt,
  expire_time: time("Expiry of the access token; absent if it does not expire"),
  refresh_expire_time: time("When the refresh token expires, if its server says so; a refresh may extend it"),
  refreshable: Type.Optional(
    Type.Boolean({ description: "Active sessions only: whether the token is refreshed automatically" }),
  ),
  ...trouble,
  login: Type.Optional(
    Type.Object(
      { status: SessionStatus, scopes: strings("As requested"), ...prompt, ...trouble },
      { description: "A login that takes the place of the session's once it is approved (POST /session/login)" },
    ),
  ),
  warnings: Type.Optional(Type.Array(Type.String())),
  apis: Type.Optional(strings("The APIs that `/session/proxy/` forwards to")),
  created_time: time("When the login was started"),
  last_used_time: time("Rounded to the hour"),
  idle_expire_time: time("When the session ends if nobody uses it"),
  session_expire_time: time("When the session ends at the latest"),
});
export type SessionData = Static<typeof SessionData>;

export const SessionLoginParameters = Type.Object({
  scopes: commaList("Scopes to request beside those that were requested before; empty = the same once more"),
});

export const SessionReadParameters = Type.Object({
  wait: seconds("Seconds to wait for a pending login to end, at most 60", 0),
});
export type SessionReadParameters = Static<typeof SessionReadParameters>;

/** A person's own broker, flow `code`: a browser on another machine cannot come back, and its person pastes where it was sent. */
export const SessionCallbackParameters = Type.Object({
  url: secretText(
    "The whole address that the browser was sent back to; a bare code is taken only where the server does not name itself (RFC 9207)",
  ),
});
export type SessionCallbackParameters = Static<typeof SessionCallbackParameters>;

export const SessionEndParameters = Type.Object({
  revoke: bool(
    "Revoke the grant; use false when another login replaced this one, since some providers would revoke both",
    true,
  ),
});
export type SessionEndParameters = Static<typeof SessionEndParameters>;

export const SessionTokenParameters = Type.Object({
  min_valid: seconds("Minimum remaining lifetime of the token in seconds", 0),
  id_token: bool("Also return the login's id_token, valid for at least as long", false),
});
export type SessionTokenParameters = Static<typeof SessionTokenParameters>;

/** As in RFC 6749 5.1, without the refresh token, which is never handed out. */
export const SessionTokenData = Type.Object({
  access_token: Type.String(),
  token_type: Type.String(),
  expires_in: Type.Optional(wholeSeconds("Absent if the token does not expire")),
  expire_time: time("The same, as a time"),
  scope: optional("The scopes that were granted, separated by spaces"),
  id_token: optional("Who signed in, as a signed JWT; only when requested"),
  id_token_expires_in: Type.Optional(wholeSeconds("The same for the id_token")),
  warnings: Type.Optional(Type.Array(Type.String())),
});
export type SessionTokenData = Static<typeof SessionTokenData>;

/** An API answered 401 to a token: it is refreshed once, if it is still the current one. */
export const RejectedParameters = Type.Object({
  token_sha256: text("SHA-256 of the access token, 64 hexadecimal digits"),
});
export type RejectedParameters = Static<typeof RejectedParameters>;

export const RejectedData = Type.Object({
  refreshed: Type.Boolean({ description: "True when the current token differs from the rejected one" }),
  warnings: Type.Optional(Type.Array(Type.String())),
});
export type RejectedData = Static<typeof RejectedData>;

/** Of `DELETE`: 204, or 200 with this when something is to be said. */
export const SessionEnded = Type.Object({ warnings: Type.Array(Type.String()) });
export type SessionEnded = Static<typeof SessionEnded>;

/** Every error of the session API, by its status. `error` is one of these; `error_description` is for people. */
export const SESSION_ERRORS = {
  // What was asked.
  invalid_request: 400,
  invalid_session: 401,
  sign_in_required: 401,
  permission_denied: 403,
  not_found: 404,
  rate_limited: 429,
  too_many_pending: 429,
  too_many_waiting: 429,
  // The login.
  authorization_pending: 503,
  access_denied: 400,
  expired_token: 400,
  id_token_invalid: 400,
  id_token_missing: 400,
  id_token_expired: 400,
  account_mismatch: 400,
  insufficient_scope: 400,
  rejected: 400,
  outcome_unknown: 400,
  // The grant: a new login is needed.
  invalid_grant: 400,
  lost_in_rotation: 400,
  subject_changed: 400,
  token_expired: 400,
  token_too_short: 400,
  unexpected_token_type: 400,
  invalid_target: 400,
  // The operator's to mend; `invalid_request` may come with 503 too, then it is the provider's word.
  invalid_client: 503,
  unauthorized_client: 503,
  invalid_scope: 503,
  unsupported_grant_type: 503,
  server_missing: 503,
  server_misconfigured: 503,
  // Time mends these.
  temporarily_unavailable: 503,
  refresh_in_progress: 503,
  server_error: 500,
  // Of the proxy.
  foreign_redirect: 502,
  unknown_encoding: 502,
} as const;
export type SessionErrorCode = keyof typeof SESSION_ERRORS;

/** A start that the provider or the operator's settings refuse is 400 (502 where it may be repeated) with the same codes. */
export const SessionError = Type.Object({
  error: Type.String({ description: "A code of SESSION_ERRORS" }),
  error_description: Type.String(),
  provider_error: optional("The provider's own error code"),
  ...prompt,
  servers: Type.Optional(
    strings("When a login names no server, or one that cannot be used: those that can, at most 50"),
  ),
  expire_time: time("For `token_too_short`: when the current token expires"),
});
export type SessionError = Static<typeof SessionError> & { error: SessionErrorCode };
