/** What a row is; part of its name and of its seal. */
export const KINDS = [
  "config",
  "server",
  "creds",
  "self",
  "flow",
  "session",
  "revocation",
  "quarantine",
  "client",
  /** What operators' endpoints are to be told (webhooks), and that on its way to one of them. */
  "news",
  "delivery",
  /** Who may do what: a token by its hash (policies are `config`). */
  "token",
  /** What opens something a few times, by its fingerprint: secret ids of AppRole. */
  "secret",
  "meta",
] as const;
export type Kind = (typeof KINDS)[number];

/** What operators write and every operation reads. */
export const CONFIGURED: ReadonlySet<Kind> = new Set(["config", "server"]);

export interface Key {
  readonly mount: string;
  readonly kind: Kind;
  readonly name: string;
}

/** What the scheduler does with a row when it is due; null = nothing by itself. */
export const TASKS = ["poll", "refresh", "redeem", "expire", "reap", "revoke", "tell"] as const;
export type Task = (typeof TASKS)[number];

/** One text for each; no name holds a newline. */
export function placeOf({ mount, kind, name }: Key): string {
  return `${mount}\n${kind}\n${name}`;
}

export interface RowContent extends Key {
  /** 128 random bits, base64url; one per generation of a credential. */
  readonly id: string;
  /** The lane for per-server concurrency; null for rows that belong to no server. */
  readonly server: string | null;
  readonly task: Task | null;
  readonly dueAt: number | null;
  /** HMAC of the stored refresh token, base64url; null when there is none. */
  readonly lineage: string | null;
  readonly sealed: Uint8Array;
  /** By what lists find it, in plain, each once (broker/record/facets); absent: nobody has said. */
  readonly facets?: readonly string[];
  /**
   * Rows that are written in the same transaction, each in the place of whatever has its name, unless it says what it expects
   * there: all of them are written or none, also by a crash.
   */
  readonly beside?: readonly Beside[];
}

/** What has to be where a row is written. */
export type Expectation =
  | { readonly absent: true }
  /** `idle`: nobody has claimed it since it was last settled, so that no request about it can be under way. */
  | { readonly id: string; readonly revision?: number; readonly idle?: true }
  | { readonly anything: true };

/** A row that another one brings with it, which brings no more. */
export interface Beside extends Omit<RowContent, "beside"> {
  /** Anything, unless it says so. */
  readonly expect?: Expectation;
}

export interface Row extends Omit<RowContent, "beside" | "facets"> {
  /** Counts every change of the content. */
  readonly revision: number;
  readonly claim: string | null;
  readonly claimUntil: number | null;
  /** The claim of the earliest attempt since the last settle; set by a claim, cleared by settle. */
  readonly intent: string | null;
  /** The sealed raw answer of an attempt that was not settled. */
  readonly escrow: Uint8Array | null;
}
