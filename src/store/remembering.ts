import { LRUCache } from "lru-cache";
import type { Clock } from "../process/clock.ts";
import { ForwardingStore } from "./forwarding.ts";
import {
  type Claimed,
  type ClaimRequest,
  CONFIGURED,
  type EscrowWrite,
  type Expectation,
  type Key,
  type Kind,
  type Lease,
  type Look,
  placeOf,
  type RecentRows,
  type Release,
  type Removal,
  type Row,
  type RowContent,
  type SealExchange,
  type Settlement,
  type Signal,
  type Store,
  StoreUnavailable,
} from "./port.ts";
import { type Confirmed, Unchanged } from "./unchanged.ts";

/** So long after the store has confirmed a row it may stand in for a store that does not answer. Milliseconds. */
const RECENT_MS = 60_000;

/** Of sealed rows with their columns, all together. Bytes. */
const MOST_BYTES = 67_108_864;
const COLUMNS_BYTES = 1_024;

/** What hands out tokens. */
const HANDS_OUT: ReadonlySet<Kind> = new Set(["creds", "self", "session"]);

/** Without a row: there is none of that name, which is remembered of what operators write. */
interface Known extends Confirmed {
  /** Something of its columns has changed since, but not what it holds. */
  claimed?: true;
}

/**
 * A store that remembers, sealed, what it was last asked for. It answers by itself only what it knows to be unchanged: all of
 * it where nobody else writes, and what operators write as long as the look of each second finds no change. Of the rest, `current`
 * tells whoever only hands it out what has not changed (`Unchanged`), and it stands in while the store does not answer. Delete wins: a change drops its row when it is begun, and whatever was read until it
 * ended.
 */
export class RememberingStore extends ForwardingStore implements RecentRows {
  readonly #clock: Pick<Clock, "now" | "monotonic">;
  /** By place. */
  readonly #known = new LRUCache<string, Known>({
    maxSize: MOST_BYTES,
    sizeCalculation: ({ row }) => (row?.sealed.length ?? 0) + COLUMNS_BYTES,
    dispose: ({ row }) => row && this.#places.delete(row.id),
  });
  readonly #places = new Map<string, string>();
  /** Counts beginnings and ends of changes: what was read while it moved may be older than they are. */
  #changes = 0;
  /** Whether the store took the last word with it. */
  #answers = true;
  readonly #unchanged: Unchanged;

  constructor(store: Store, clock: Pick<Clock, "now" | "monotonic">) {
    super(store);
    this.#clock = clock;
    this.#unchanged = new Unchanged({
      clock,
      revisions: (ids) => this.#asking(() => super.revisions(ids)),
      drop: ({ row }) => row && this.#forgetIds([row.id]),
    });
  }

  override async read(key: Key): Promise<Row | undefined> {
    const isConfigured = CONFIGURED.has(key.kind);
    if (!isConfigured && !HANDS_OUT.has(key.kind)) return super.read(key);
    const place = placeOf(key);
    const known = this.#currentAt(place);
    if (known && (isConfigured || this.alone)) return known.row;
    const [at, askedAt, configured, changes] = [
      this.#clock.now(),
      this.#clock.monotonic(),
      this.#unchanged.configured,
      this.#changes,
    ];
    const row = await this.#asking(() => super.read(key));
    if (!row && !isConfigured) this.forgetRecent(key);
    else if (changes === this.#changes) this.#remember(place, { row, at, askedAt, configured });
    return row;
  }

  current(key: Key): () => Row | undefined {
    const place = placeOf(key);
    return () => this.#currentAt(place)?.row;
  }

  #currentAt(place: string): Known | undefined {
    const known = this.#known.get(place);
    if (!known || !this.#isCurrent(known)) return undefined;
    if (this.alone) known.at = this.#clock.now();
    return known;
  }

  #isCurrent(known: Known): boolean {
    if (!this.#answers) return false;
    if (this.alone) return !known.claimed;
    const isConfigured = !known.row || CONFIGURED.has(known.row.kind);
    return isConfigured ? this.#unchanged.isConfigured(known) : !known.claimed && this.#unchanged.isCurrent(known);
  }

  #remember(place: string, known: Known): void {
    this.#known.delete(place);
    this.#known.set(place, known);
    if (known.row && this.#known.has(place)) this.#places.set(known.row.id, place);
  }

  recent(key: Key): { readonly row: Row; readonly age: number } | undefined {
    const { row, at = 0 } = this.#known.peek(placeOf(key)) ?? {};
    const age = this.#clock.now() - at;
    return row && HANDS_OUT.has(key.kind) && age <= RECENT_MS ? { row, age } : undefined;
  }

  forgetRecent(key: Key): void {
    this.#changes += 1;
    this.#known.delete(placeOf(key));
  }

  #forgetIds(ids: readonly string[]): void {
    this.#changes += 1;
    for (const id of ids) this.#known.delete(this.#places.get(id) ?? "");
  }

  /** By its id or its place. */
  #forgetGone(gone: string): void {
    this.#forgetIds([gone]);
    this.#known.delete(gone);
  }

  async #asking<T>(ask: () => Promise<T>): Promise<T> {
    try {
      const answer = await ask();
      this.#answers = true;
      return answer;
    } catch (error) {
      if (error instanceof StoreUnavailable) this.#answers = false;
      throw error;
    }
  }

  /** Also when nobody knows whether the change took place. */
  async #changing<T>(ids: readonly string[], keys: readonly Key[], change: () => Promise<T>): Promise<T> {
    const forget = () => {
      this.#forgetIds(ids);
      for (const key of keys) this.forgetRecent(key);
    };
    forget();
    return this.#asking(change).finally(forget);
  }

  override write(row: RowContent, expect: Expectation): Promise<boolean> {
    const ids = "id" in expect ? [row.id, expect.id] : [row.id];
    return this.#changing(ids, [row, ...(row.beside ?? [])], () => super.write(row, expect));
  }

  override settle(settlement: Settlement): Promise<boolean> {
    const { row } = settlement;
    return this.#changing([row.id], [row, ...(row.beside ?? [])], () => super.settle(settlement));
  }

  override remove(removal: Removal): Promise<boolean> {
    return this.#changing([removal.id], [], () => super.remove(removal));
  }

  override reseal(exchanges: readonly SealExchange[]): Promise<number> {
    const ids = exchanges.map(({ id }) => id);
    return this.#changing(ids, [], () => super.reseal(exchanges));
  }

  /** A claim changes columns, and takes nothing away from those who only want the token while the store is gone. */
  async #claiming<T>(ids: readonly string[], claim: () => Promise<T>, claimed = (_: T) => ids): Promise<T> {
    this.#markClaimed(ids);
    try {
      const answer = await this.#asking(claim);
      this.#markClaimed(claimed(answer));
      return answer;
    } finally {
      this.#markClaimed(ids);
    }
  }

  #markClaimed(ids: readonly string[]): void {
    this.#changes += 1;
    for (const id of ids) {
      const known = this.#known.peek(this.#places.get(id) ?? "");
      if (known) known.claimed = true;
    }
  }

  override claimDue(request: ClaimRequest): Promise<readonly Claimed[]> {
    return this.#claiming(
      [],
      () => super.claimDue(request),
      (all) => all.map(({ row }) => row.id),
    );
  }

  override claim(id: string, lease: Lease): Promise<Claimed | undefined> {
    return this.#claiming([id], () => super.claim(id, lease));
  }

  override renew(id: string, claim: string, milliseconds: number): Promise<boolean> {
    return this.#claiming([id], () => super.renew(id, claim, milliseconds));
  }

  override escrow(answer: EscrowWrite): Promise<boolean> {
    return this.#claiming([answer.id], () => super.escrow(answer));
  }

  override release(id: string, claim: string, how: Release): Promise<void> {
    return this.#claiming([id], () => super.release(id, claim, how));
  }

  override async look(): Promise<Look> {
    const askedAt = this.#clock.monotonic();
    const look = await this.#asking(() => super.look());
    this.#unchanged.looked(askedAt, look.configured);
    return look;
  }

  override watch(onSignal: (signal: Signal) => void): () => void {
    return super.watch((signal) => {
      if (signal.gone !== undefined) this.#forgetGone(signal.gone);
      if (signal.hears !== undefined) this.#unchanged.hears(signal.hears);
      onSignal(signal);
    });
  }
}
