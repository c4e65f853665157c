/**
 * Who can mend a failure: `person` must sign in again or allow more, `operator` must set something right at the broker,
 * `time` mends it (the same call can succeed after `retryAfter`), `caller` asked for something that is not there.
 */
export type FixedBy = "person" | "operator" | "time" | "caller";

/** Reason codes that are known here; others may come, and `fixedBy` says what to do about them all the same. */
const FIXED_BY = {
  // What was asked.
  invalid_request: "caller",
  not_found: "caller",
  token_too_short: "caller",
  invalid_target: "caller",
  unexpected_token_type: "caller",
  // A person must sign in, or decide otherwise.
  invalid_session: "person",
  sign_in_required: "person",
  access_denied: "person",
  expired_token: "person",
  id_token_invalid: "person",
  id_token_missing: "person",
  id_token_expired: "person",
  account_mismatch: "person",
  insufficient_scope: "person",
  rejected: "person",
  outcome_unknown: "person",
  invalid_grant: "person",
  lost_in_rotation: "person",
  subject_changed: "person",
  token_expired: "person",
  // An operator must set something right.
  permission_denied: "operator",
  foreign_redirect: "operator",
  unknown_encoding: "operator",
  invalid_client: "operator",
  unauthorized_client: "operator",
  invalid_scope: "operator",
  unsupported_grant_type: "operator",
  server_missing: "operator",
  server_misconfigured: "operator",
  unexpected_answer: "operator",
  // Time mends these.
  authorization_pending: "time",
  rate_limited: "time",
  too_many_pending: "time",
  too_many_waiting: "time",
  temporarily_unavailable: "time",
  refresh_in_progress: "time",
  server_error: "time",
  unreachable: "time",
} as const satisfies Readonly<Record<string, FixedBy>>;

export type KnownCode = keyof typeof FIXED_BY;

/** A reason code; a plain `string` keeps code that compares with codes of later brokers compiling. */
export type ErrorCode = KnownCode | (string & {});

/** What may be known beside the code. */
export interface ErrorDetail {
  /** HTTP status of the broker's answer. */
  readonly status?: number;
  /** Seconds after which the same call can succeed. */
  readonly retryAfter?: number;
  /** The servers that a login may name. */
  readonly servers?: readonly string[];
  readonly cause?: unknown;
}

/**
 * Every failure of this library but an abort, which throws the signal's own reason.
 *
 * @example
 * ```ts
 * try {
 *   await session.token();
 * } catch (error) {
 *   if (error instanceof CoatcheckError && error.fixedBy === "person") console.error("please sign in again");
 *   else throw error;
 * }
 * ```
 */
export class CoatcheckError extends Error {
  override readonly name = "CoatcheckError";
  /** Stable; the message is for people. */
  readonly code: ErrorCode;
  readonly fixedBy: FixedBy;
  readonly status?: number;
  readonly retryAfter?: number;
  /** Of a login that named no server, or one that cannot be used: those that can. */
  readonly servers?: readonly string[];

  constructor(code: ErrorCode, message: string, { status, retryAfter, servers, cause }: ErrorDetail = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.fixedBy = fixedBy(code, status);
    if (status !== undefined) this.status = status;
    if (retryAfter !== undefined) this.retryAfter = retryAfter;
    if (servers) this.servers = servers;
  }
}

function fixedBy(code: string, status = 0): FixedBy {
  const known = Object.hasOwn(FIXED_BY, code) ? FIXED_BY[code as KnownCode] : undefined;
  // Under such a status the word is the provider's, about what the broker sent it (docs/errors.md).
  if (known === "caller" && status >= 500) return "operator";
  return known ?? (status >= 500 || status === 429 ? "time" : "caller");
}
