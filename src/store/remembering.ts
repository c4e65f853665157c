import { LRUCache } from "lru-cache";
import type { Clock } from "../process/clock.ts";
import { ForwardingStore } from "./forwarding.ts";
import type {
  Exchange,
  Expectation,
  Key,
  Kind,
  RecentRows,
  Removal,
  Row,
  RowContent,
  Settlement,
  Signal,
  Store,
} from "./port.ts";

/** So long after the store has confirmed a row it may stand in for a store that does not answer. Milliseconds. */
const RECENT_MS = 60_000;

/** Of sealed rows with their columns, all together. Bytes. */
const MOST_BYTES = 67_108_864;
const COLUMNS_BYTES = 1_024;

/** What hands out tokens. */
const REMEMBERED: ReadonlySet<Kind> = new Set(["creds", "self", "session"]);

interface Confirmed {
  readonly row: Row;
  /** Before the store was asked. */
  readonly at: number;
}

/**
 * A store that remembers, sealed, what it was last asked for. Only for the time in which it does not answer: every read asks
 * it first. Delete wins: a change drops its row when it is begun, and whatever was read until it ended.
 */
export class RememberingStore extends ForwardingStore implements RecentRows {
  readonly #clock: Pick<Clock, "now">;
  /** By place. */
  readonly #rows = new LRUCache<string, Confirmed>({
    maxSize: MOST_BYTES,
    sizeCalculation: ({ row }) => row.sealed.length + COLUMNS_BYTES,
    dispose: ({ row }) => this.#places.delete(row.id),
  });
  readonly #places = new Map<string, string>();
  /** Counts beginnings and ends of changes: what was read while it moved may be older than they are. */
  #changes = 0;

  constructor(store: Store, clock: Pick<Clock, "now">) {
    super(store);
    this.#clock = clock;
  }

  override async read(key: Key): Promise<Row | undefined> {
    const [at, changes] = [this.#clock.now(), this.#changes];
    const row = await super.read(key);
    if (!REMEMBERED.has(key.kind)) return row;
    if (!row) this.forgetRecent(key);
    else if (changes === this.#changes) this.#remember(row, at);
    return row;
  }

  #remember(row: Row, at: number): void {
    const place = placeOf(row);
    this.#drop(place);
    this.#rows.set(place, { row, at });
    if (this.#rows.has(place)) this.#places.set(row.id, place);
  }

  recent(key: Key): { readonly row: Row; readonly age: number } | undefined {
    const known = this.#rows.peek(placeOf(key));
    const age = known ? this.#clock.now() - known.at : 0;
    return known && age <= RECENT_MS ? { row: known.row, age } : undefined;
  }

  forgetRecent(key: Key): void {
    this.#changes += 1;
    this.#drop(placeOf(key));
  }

  #drop(place: string): void {
    this.#rows.delete(place);
  }

  #forgetIds(ids: readonly string[]): void {
    this.#changes += 1;
    for (const id of ids) this.#drop(this.#places.get(id) ?? "");
  }

  /** Also when nobody knows whether the change took place. */
  async #changing<T>(ids: readonly string[], key: Key | undefined, change: () => Promise<T>): Promise<T> {
    const forget = () => {
      this.#forgetIds(ids);
      if (key) this.forgetRecent(key);
    };
    forget();
    return change().finally(forget);
  }

  override write(row: RowContent, expect: Expectation): Promise<boolean> {
    const ids = "id" in expect ? [row.id, expect.id] : [row.id];
    return this.#changing(ids, row, () => super.write(row, expect));
  }

  override settle(settlement: Settlement): Promise<boolean> {
    const { row } = settlement;
    return this.#changing([row.id], row, () => super.settle(settlement));
  }

  override remove(removal: Removal): Promise<boolean> {
    return this.#changing([removal.id], undefined, () => super.remove(removal));
  }

  override reseal(exchanges: readonly Exchange[]): Promise<number> {
    const ids = exchanges.map(({ id }) => id);
    return this.#changing(ids, undefined, () => super.reseal(exchanges));
  }

  override watch(onSignal: (signal: Signal) => void): () => void {
    return super.watch((signal) => {
      if (signal.gone !== undefined) this.#forgetIds([signal.gone]);
      onSignal(signal);
    });
  }
}

/** No name holds a newline. */
function placeOf({ mount, kind, name }: Key): string {
  return `${mount}\n${kind}\n${name}`;
}
