/**
 * The store: rows it never looks into. It owns durability, order, leases and compare-and-set; not sealing (broker/record/records),
 * not meaning (credential/), not when something is due (credential/schedule decides, the store only sorts by it).
 *
 * One credential is one row; its due time is the queue. Every promise that resolves is durable.
 * Times are epoch milliseconds of the store's own clock (SQLite: the host's; PostgreSQL: the database's).
 *
 * A promise that rejects with `StoreUnavailable` may have been kept all the same: the connection can end after the commit
 * and before the answer. So `write` and `settle` may be repeated as they are: seals are unique, and a row that already
 * holds exactly this `sealed`, or what `reseal` put in its place, proves that the first call took place; the answer is true,
 * and what happened to the row since is left alone.
 */
import type { CountQuery, Filing, ListQuery, NamesQuery } from "./listing.ts";
import type { Expectation, Key, Row, RowContent, Task } from "./row.ts";
import type { Signals } from "./signals.ts";

export * from "./listing.ts";
export * from "./row.ts";
export * from "./signals.ts";

/**
 * The whole port; whoever needs one of its four parts takes only that. No method has an optional argument (fields of an
 * argument may be optional): a wrapper that did not pass it on would compile.
 */
export type Store = Rows & Queue & Signals & Upkeep;

/** Rows by name, whoever works on them. */
export interface Rows {
  /** One row by name. */
  read(key: Key): Promise<Row | undefined>;
  /** One row by its id, whatever it is called now; a claim on a deleted row never fits the next row of that name. */
  readById(id: string): Promise<Row | undefined>;
  /** Rows of one kind in byte order of their names. `after` is exclusive, `limit` at most 1,000. */
  list(query: ListQuery): Promise<readonly Row[]>;
  /** Only their names, from the index: nothing of the rows is read. */
  names(query: NamesQuery): Promise<readonly string[]>;
  /** How many rows have a facet and a name that begins so; more than 10,000 count as so many. */
  count(query: CountQuery): Promise<number>;
  /**
   * Writes a row's whole content, if `expect` holds; false if not. A new `id` replaces whatever has that name, or the row
   * that `expect` names (a new generation: claim, intent and escrow of the old row vanish with it); the same id keeps them.
   * False as well where a row that `expect` does not name has that name.
   * True as well for a repetition; see above.
   */
  write(row: RowContent, expect: Expectation): Promise<boolean>;
  /** Removes a row; false when it is gone already or moved on. */
  remove(removal: Removal): Promise<boolean>;
}

/** What is due, who works on it, and how that ends. */
export interface Queue {
  /** Claims rows that are due now, soonest first, each with a lease and a random claim; see `Claimed`. */
  claimDue(request: ClaimRequest): Promise<readonly Claimed[]>;
  /** Claims one row now, due or not, unless somebody holds a live claim on it. */
  claim(id: string, lease: Lease): Promise<Claimed | undefined>;
  /** Extends a live claim; false when it is no longer ours. */
  renew(id: string, claim: string, milliseconds: number): Promise<boolean>;
  /**
   * Stores the sealed raw answer beside the row before it is parsed. By lineage, not by lease age: the only copy of a
   * successor must be storable by a worker that slept. False when the row is gone or its lineage has moved on.
   */
  escrow(answer: EscrowWrite): Promise<boolean>;
  /**
   * Ends a claim with new content: a poll by its claim, a refresh by its lineage. Clears claim, intent and escrow.
   * False when the row is gone, rewritten or has moved on; then nothing is changed. Repeated with the very same bytes it
   * says true again, for callers that never heard the first answer.
   */
  settle(settlement: Settlement): Promise<boolean>;
  /** Gives a claim back without new content; see `Release`. */
  release(id: string, claim: string, how: Release): Promise<void>;
  /** What everybody looks for each second: is anything due, has an operator written anything? */
  look(): Promise<Look>;
  /** Whether rows are still as they were read: the revisions of those that are there, by id; at most 10,000. */
  revisions(ids: readonly string[]): Promise<Revisions>;
  /**
   * Ends the leases of holders that are known to be dead (SQLite: all, its lock proves it); intents and escrows stay.
   * Called once, when it is certain that the data may be used.
   */
  recover(): Promise<void>;
}

/** How old an answer from memory can be on a store that others write too: everybody looks so often. Milliseconds. */
export const LOOK_MS = 1_000;

export interface Look {
  /** When the next claimable row is due; absent when there is none. */
  readonly nextDue?: number;
  /** Counts changes of settings and server records, by whichever instance. */
  readonly configured: number;
}

/** Of rows, and of what operators write, at the same moment. */
export interface Revisions extends Pick<Look, "configured"> {
  readonly revisions: ReadonlyMap<string, number>;
}

/** The store as a whole: for those who open it, copy it, re-seal it or watch over it. */
export interface Upkeep {
  /**
   * How many changes of content the store has seen in its life; claims and leases are none. It never goes back, unless the
   * whole store does (an old copy was put in its place).
   */
  progress(): Promise<number>;
  /** Fills an empty store in one transaction; claims are left out, and progress goes on from there. False if it has rows. */
  fill(rows: AsyncIterable<Row>, progress: number): Promise<boolean>;
  /** Rows in order of id, those after `after` (exclusive; "" = from the start), at most `limit`. */
  scan(after: string, limit: number): Promise<readonly Row[]>;
  /** Rows that hand out tokens and whose facets are not those of their present revision, in order of id, as `scan` has them. */
  unfiled(after: string, limit: number): Promise<readonly Row[]>;
  /** Says by what lists find rows, where their revision is still the one that was looked at; nothing else of a row changes. */
  file(filings: readonly Filing[]): Promise<void>;
  /**
   * Exchanges sealed bytes for others that hold the same, where they are still there; nothing else of a row changes, its
   * claim and revision neither. Answers how many it exchanged.
   */
  reseal(exchanges: readonly SealExchange[]): Promise<number>;
  /** What operators watch. */
  load(): Promise<StoreLoad>;
  /** Throws when the store cannot be written right now. */
  check(): Promise<void>;
  close(): Promise<void>;
}

export interface StoreLoad {
  /** Rows that are due and not claimed, by task; more than 100,000 of one count as so many. */
  readonly due: ReadonlyMap<Task, number>;
  /** Of a database server: connections, those that nobody uses, and statements that wait for one. */
  readonly pool?: { readonly open: number; readonly idle: number; readonly waiting: number };
}

/** What a process remembers of rows that hand out tokens: `read` asks the store unless it knows that nothing has changed. */
export interface RecentRows {
  /** The row, where it is known without a question to the store that nothing of it has changed: for whoever asks again and again. */
  current(key: Key): () => Row | undefined;
  /** The row as the store last confirmed it, at most a minute ago; `age` in milliseconds. */
  recent(key: Key): { readonly row: Row; readonly age: number } | undefined;
  /** Whatever becomes of it, nobody is given it from memory. */
  forgetRecent(key: Key): void;
}

/** Sealed bytes of a row and what is to take their place. */
export interface SealExchange {
  readonly id: string;
  readonly field: "sealed" | "escrow";
  readonly from: Uint8Array;
  readonly to: Uint8Array;
}

/** Which row goes. A `Row` is a removal too: of the row as it was read. */
export interface Removal {
  readonly id: string;
  /** Only while it is the row's. */
  readonly revision?: number;
}

export interface Lease {
  readonly milliseconds: number;
}

export interface ClaimRequest extends Lease {
  readonly limit: number;
  /** Most rows per lane (`mount` + "\n" + `server`), those in `busy` included; rows of no server have none. */
  readonly perLane?: number;
  /** How many rows of a lane the caller is at already. */
  readonly busy?: ReadonlyMap<string, number>;
  /** Rows that are in the caller's hands already. */
  readonly excludeIds?: readonly string[];
  /** Tasks that are not wanted now. */
  readonly excludeTasks?: readonly Task[];
}

export interface Release {
  /** Nothing was sent: the intent is taken back too, unless it is an earlier claim's. */
  readonly untouched: boolean;
  /** When it is due again; as before when absent. Epoch milliseconds. */
  readonly dueAt?: number;
}

/**
 * A row in our hands. `row.intent !== claim` means that an earlier attempt was claimed and never settled: its request
 * may have reached the provider (in doubt).
 */
export interface Claimed {
  readonly row: Row;
  /** 128 random bits, base64url. */
  readonly claim: string;
}

/**
 * What must still hold of the row: our claim (and, where it matters, that the content is the one that was judged), or the
 * refresh token that an answer was obtained with.
 */
export type SettleBy = { readonly claim: string; readonly revision?: number } | { readonly lineage: string };

/** A sealed answer for its row. */
export interface EscrowWrite {
  readonly id: string;
  readonly by: SettleBy;
  readonly sealed: Uint8Array;
  /**
   * The claim of the attempt that brought the answer. From anybody but the row's present holder it counts as a change of the
   * content: the holder's verdict about the row as it was must not take the answer away.
   */
  readonly claim?: string;
}

/** The new content of a claimed row. */
export interface Settlement {
  readonly row: RowContent;
  readonly by: SettleBy;
  /** With it the content may give the row another name: what has that name is replaced, if this holds of it. */
  readonly expect?: Expectation;
}

/** The store cannot be used as it is; the message says what to do. Ends the start. */
export class StoreUnusable extends Error {
  override readonly name: string = "StoreUnusable";
}

/** What is stored, or was just written, cannot be trusted any more: this process must not use the store again, and ends. */
export class StoreBroken extends StoreUnusable {
  override readonly name = "StoreBroken";
}

/** The store did not take a write just now (full, locked, gone); the caller keeps what it has and tries again. */
export class StoreUnavailable extends Error {
  override readonly name = "StoreUnavailable";
}
