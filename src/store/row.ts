/** What a row is; part of its name and of its seal. */
export type Kind =
  | "config"
  | "server"
  | "creds"
  | "self"
  | "flow"
  | "session"
  | "revocation"
  | "quarantine"
  | "client"
  /** What operators' endpoints are to be told (webhooks), and that on its way to one of them. */
  | "news"
  | "delivery"
  /** Who may do what: a token by its hash (policies are `config`). */
  | "token"
  /** What opens something a few times, by its fingerprint: secret ids of AppRole. */
  | "secret"
  | "meta";

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
  /**
   * Rows that are written in the same transaction, each in the place of whatever has its name: where this one is not written,
   * neither are they, and a crash leaves all of them or none.
   */
  readonly beside?: readonly Beside[];
}

/** A row that another one brings with it, which brings no more. */
export type Beside = Omit<RowContent, "beside">;

export interface Row extends Omit<RowContent, "beside"> {
  /** Counts every change of the content. */
  readonly revision: number;
  readonly claim: string | null;
  readonly claimUntil: number | null;
  /** The claim of the earliest attempt since the last settle; set by a claim, cleared by settle. */
  readonly intent: string | null;
  /** The sealed raw answer of an attempt that was not settled. */
  readonly escrow: Uint8Array | null;
}
