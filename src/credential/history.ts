import type { Event } from "./event.ts";

/** One attempt in a credential's life, or several equal ones in a row. Holds no secret and no foreign text. */
export interface HistoryEntry {
  /** Epoch milliseconds, of the first one. */
  readonly at: number;
  /** Of the last one, when there were several. */
  readonly lastAt?: number;
  /** How many equal ones in a row; absent = one. */
  readonly count?: number;
  readonly kind: AttemptKind;
  readonly outcome: AttemptOutcome;
  /** A stable reason, the provider's own code, or a limit of ours that struck. */
  readonly reason?: string;
  /** Which process it was. */
  readonly instance: string;
}

export type AttemptKind =
  | "device"
  | "code"
  | "import"
  /** Client credentials. */
  | "self"
  | "poll"
  | "refresh"
  | "callback"
  | "server"
  | "expire"
  | "retry"
  /** An id_token that waited for its key. */
  | "id_token";

export type AttemptOutcome =
  | "started"
  | "pending"
  | "issued"
  /** Tokens came after an earlier attempt whose answer was lost. */
  | "recovered"
  /** Tokens came when the credential had moved on; they were kept. */
  | "late"
  | "refused"
  | "unavailable"
  /** Sent, and no definite answer came: in doubt until it is resolved. */
  | "in_doubt"
  /** No request was made. */
  | "not_tried"
  | "expired"
  /** Operator's errors and back-off no longer count. */
  | "cleared";

/** Older entries go; enough for days of trouble, since equal ones share an entry. */
const LONGEST = 50;

export function withEntry(history: readonly HistoryEntry[], entry: HistoryEntry): readonly HistoryEntry[] {
  const last = history.at(-1);
  if (last && isEqual(last, entry)) {
    return [...history.slice(0, -1), { ...last, lastAt: entry.at, count: (last.count ?? 1) + 1 }];
  }
  return [...history, entry].slice(-LONGEST);
}

function isEqual(a: HistoryEntry, b: HistoryEntry): boolean {
  return a.kind === b.kind && a.outcome === b.outcome && a.reason === b.reason && a.instance === b.instance;
}

/** What an event says about the attempt that brought it. */
export function attemptOf(event: Event): { readonly outcome: AttemptOutcome; readonly reason?: string } {
  switch (event.type) {
    case "issued":
      return { outcome: event.recovered ? "recovered" : "issued" };
    case "late":
      return { outcome: "late" };
    case "refused":
      return refusal(event);
    case "held":
      return { outcome: "not_tried", reason: "grace_passed" };
    case "api-refused":
      return { outcome: "not_tried", reason: event.code };
    case "issuer-left":
      return { outcome: "not_tried", reason: "issuer_left" };
    case "declined":
      return { outcome: "refused", reason: event.error.providerCode };
    case "identity-refused":
      return { outcome: "refused", reason: event.reason };
    case "id-token-judged":
      return { outcome: event.idToken ? "issued" : "refused" };
    case "subject-changed":
      return { outcome: "refused", reason: "subject_changed" };
    case "server-unusable":
      return { outcome: "not_tried", reason: event.reason };
    case "server-written":
    case "server-back":
      return { outcome: "cleared" };
    case "interrupted":
      return { outcome: "in_doubt" };
    case "lapsed":
      return { outcome: "expired" };
    case "retry":
      return { outcome: "started" };
    default:
      return event satisfies never;
  }
}

function refusal({ outcome }: Event & { type: "refused" }): { outcome: AttemptOutcome; reason?: string } {
  if (outcome.kind === "ambiguous") {
    return { outcome: "in_doubt", ...(outcome.limit !== undefined && { reason: outcome.limit }) };
  }
  if (outcome.kind === "unavailable") {
    return { outcome: "unavailable", ...(outcome.status !== undefined && { reason: `status_${outcome.status}` }) };
  }
  const { code, providerCode } = outcome.error;
  return { outcome: code === "authorization_pending" ? "pending" : "refused", reason: providerCode };
}
