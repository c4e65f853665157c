/** Why a credential is not usable: stable codes of oauthapp.md 1.2, shown to readers. */
export type PermanentReason =
  | "access_denied"
  | "expired_token"
  | "invalid_grant"
  | "lost_in_rotation"
  | "outcome_unknown"
  | "subject_changed"
  | "id_token_invalid"
  | "id_token_missing"
  | "id_token_expired"
  | "account_mismatch"
  | "insufficient_scope"
  | "rejected"
  | "token_expired"
  | "token_too_short"
  | "unexpected_token_type"
  | "invalid_target";

/** Why tokens that came are given to nobody. */
export type IdentityReason = Extract<
  PermanentReason,
  "id_token_invalid" | "account_mismatch" | "insufficient_scope" | "rejected"
>;

/** Faults an operator mends: they pause, they never end a grant (invariant 7). */
export type OperatorReason =
  | "invalid_client"
  | "unauthorized_client"
  | "invalid_request"
  | "invalid_scope"
  | "unsupported_grant_type"
  | "server_missing"
  | "server_misconfigured";

/** Faults that time mends. */
export type TemporaryReason = "temporarily_unavailable" | "refresh_in_progress";

export type Reason = PermanentReason | OperatorReason | TemporaryReason;

const OPERATOR: ReadonlySet<string> = new Set([
  "invalid_client",
  "unauthorized_client",
  "invalid_request",
  "invalid_scope",
  "unsupported_grant_type",
  "server_missing",
  "server_misconfigured",
] satisfies OperatorReason[]);

export function isOperatorReason(code: string): code is OperatorReason {
  return OPERATOR.has(code);
}
