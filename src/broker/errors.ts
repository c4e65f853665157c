import type { Reason } from "../credential/index.ts";

/**
 * How a failed use case is to be taken (oauthapp.md 1.2):
 * `refused` nothing changes until somebody asks differently or rewrites the credential; `wait` the same request can
 * succeed after `retryAfter` seconds; `repeat` an upstream failure of a write that is safe to repeat; `forbidden` the
 * caller's token does not reach that far; `unauthenticated` there is no session with that id; `absent` nor what was asked of it; `limited` too much was asked
 * for, it may come again after `retryAfter` seconds.
 */
export type ErrorKind = "refused" | "wait" | "repeat" | "forbidden" | "unauthenticated" | "absent" | "limited";

/** Codes of the session API that say nothing about a credential. */
export type SessionCode =
  | "invalid_session"
  | "permission_denied"
  | "rate_limited"
  | "too_many_pending"
  | "too_many_waiting"
  | "not_found"
  | "sign_in_required"
  | "foreign_redirect"
  | "unknown_encoding";

/** Who can mend it; decides what the person is told and whether anything is tried again. */
export type FixedBy = "person" | "operator" | "time";

/** A pending credential, as its readers may see it: everything a person needs to finish the login. */
export interface PendingView {
  readonly userCode?: string;
  readonly verificationUri?: string;
  readonly verificationUriComplete?: string;
  /** The authorization link of a code flow. */
  readonly url?: string;
  /** Where that leads back to, if that is this machine: `verificationUri` is the link then. */
  readonly redirectUri?: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  /** Seconds. */
  readonly interval?: number;
  /** Why polling is suspended. */
  readonly reason?: Reason;
  readonly providerError?: string;
  /** Why no program opens the page by itself. */
  readonly pageWarning?: string;
  /** Of a login that was just started: what the person should know. */
  readonly warnings?: readonly string[];
}

export interface BrokerErrorDetail {
  readonly reason?: Reason;
  readonly code?: SessionCode;
  /** The provider's own code. */
  readonly providerError?: string;
  /** Seconds, at least 1. */
  readonly retryAfter?: number;
  readonly pending?: PendingView;
  /** Of a login that waits, where something else than that is the matter. */
  readonly prompt?: PendingView;
  /** The servers that the caller may name instead. */
  readonly servers?: readonly string[];
  /** One sentence each, where several things are wrong at once. */
  readonly problems?: readonly string[];
  /** The credential that was read is well: what failed was made from it (token exchange). */
  readonly credentialIssued?: true;
  /** Until when the token at hand is valid (`token_too_short`), epoch milliseconds. */
  readonly expiresAt?: number;
  /** What programs of the API behind the proxy look for in its errors. */
  readonly members?: Readonly<Record<string, string>>;
  /** The server cannot be used now, and may be soon: nobody has to mend anything. */
  readonly passes?: true;
  /** There is no such endpoint (404, 405): it may have moved. */
  readonly absent?: true;
  readonly cause?: unknown;
}

/** The one error of the use cases. Its message is safe to show: it names no secret and no upstream body. */
export class BrokerError extends Error {
  override readonly name = "BrokerError";
  readonly kind: ErrorKind;
  readonly detail: BrokerErrorDetail;

  constructor(kind: ErrorKind, message: string, detail: BrokerErrorDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.kind = kind;
    this.detail = detail;
  }

  get fixedBy(): FixedBy {
    if (this.detail.reason !== undefined) return REASONS[this.detail.reason].fixedBy;
    return this.kind === "wait" || this.kind === "repeat" ? "time" : "person";
  }
}

/** Every reason, who mends it and what it means: the source of docs/errors.md. */
export const REASONS: Readonly<Record<Reason, { readonly fixedBy: FixedBy; readonly means: string }>> = {
  access_denied: { fixedBy: "person", means: "the person denied the request" },
  expired_token: { fixedBy: "person", means: "the device code or the authorization link expired before it was used" },
  invalid_grant: {
    fixedBy: "person",
    means: "the code, device code or refresh token is no longer valid: ask the person to sign in again",
  },
  lost_in_rotation: {
    fixedBy: "person",
    means:
      "a refresh got no definite answer, and the provider refused the repeated refresh token: ask the person to sign in again",
  },
  outcome_unknown: {
    fixedBy: "person",
    means: "a request with a one-time code or token got no definite answer: start again with a new one",
  },
  subject_changed: { fixedBy: "person", means: "a refreshed id_token belongs to a different subject" },
  id_token_invalid: { fixedBy: "person", means: "the first id_token is missing or was refused" },
  id_token_missing: { fixedBy: "person", means: "the login returned no id_token, because its provider issues none" },
  id_token_expired: {
    fixedBy: "person",
    means:
      "the login's id_token has expired, and refreshing does not return a new one: ask the person to sign in again",
  },
  account_mismatch: {
    fixedBy: "person",
    means: "the login belongs to a different account or device than requested; it was revoked",
  },
  insufficient_scope: {
    fixedBy: "person",
    means: "the server did not grant a required scope; the login was revoked",
  },
  rejected: { fixedBy: "person", means: "the server ended the device flow with another error" },
  token_expired: { fixedBy: "person", means: "the access token has expired and there is no refresh token" },
  token_too_short: {
    fixedBy: "person",
    means: "the token is valid, but not for as long as requested; `data.expire_time` says when it expires",
  },
  unexpected_token_type: { fixedBy: "person", means: "a token exchange returned something other than an access token" },
  invalid_target: { fixedBy: "person", means: "the server does not know the target of the token exchange" },
  invalid_client: {
    fixedBy: "operator",
    means:
      "the server does not accept the client id or secret: correct the server record (a client that the broker had registered ends with `invalid_grant` instead)",
  },
  unauthorized_client: { fixedBy: "operator", means: "the client may not use this grant: allow it at the provider" },
  invalid_request: {
    fixedBy: "operator",
    means: "the server rejected the request as malformed: check the server record",
  },
  invalid_scope: { fixedBy: "operator", means: "the server does not grant these scopes" },
  unsupported_grant_type: { fixedBy: "operator", means: "the server does not offer this grant" },
  server_missing: { fixedBy: "operator", means: "there is no server record with that name: write it" },
  server_misconfigured: {
    fixedBy: "operator",
    means: "the server record cannot be used: unknown provider, invalid options, or failed discovery",
  },
  temporarily_unavailable: {
    fixedBy: "time",
    means: "the provider cannot be reached, or reports that it is temporarily unavailable",
  },
  refresh_in_progress: { fixedBy: "time", means: "the refresh takes longer than a read waits" },
};

/** The process is on its way down; another one, or the next, can do it. */
export function stopping(): BrokerError {
  return new BrokerError("wait", "the broker is stopping", { reason: "temporarily_unavailable", retryAfter: 2 });
}

/** Unknown, ended, malformed: nobody is told which. */
export function noSession(): BrokerError {
  return new BrokerError("unauthenticated", "the session is unknown or has ended: sign in again", {
    code: "invalid_session",
  });
}

export function limited(code: SessionCode, message: string, retryAfter: number): BrokerError {
  return new BrokerError("limited", message, { code, retryAfter: Math.max(1, retryAfter) });
}

/** Bad input: 400 and nothing stored. */
export function invalid(message: string, detail: BrokerErrorDetail = {}): BrokerError {
  return new BrokerError("refused", message, detail);
}

/** Bad input in more than one way. */
export function invalidAll(problems: readonly string[], detail: BrokerErrorDetail = {}): BrokerError {
  return invalid(problems.join("; "), { ...detail, problems });
}
