import { LRUCache } from "lru-cache";
import type { Clock } from "../../process/clock.ts";
import type { Row } from "../../store/port.ts";

/** Opened rows lie in memory as long as this, and then are opened anew if somebody still asks for them. Milliseconds. */
const OPEN_MS = 10_000;

/** Of what lies opened, all together; of one row it is up to four times what was sealed, with the text of its answer less. Bytes. */
const MOST_BYTES = 16_777_216;
const OPEN_TIMES = 4;
const ENTRY_BYTES = 512;

/** Known by itself, as an object. */
type SealedRow = Pick<Row, "sealed">;

/** What holds for a row until a moment, as long as the store knows that the row has not changed. */
interface Kept<T> {
  readonly value: T;
  /** Epoch milliseconds: before and after them somebody has to look. */
  readonly from: number;
  readonly until: number;
}

/**
 * What was read from rows that are asked for again and again, kept by the row itself: a row that was changed is another
 * object, and finds nothing. Bounded in bytes, and dropped as a whole each ten seconds.
 */
export class Ready<T> {
  readonly #clock: Pick<Clock, "now" | "after">;
  readonly #kept = new LRUCache<SealedRow, Kept<T>>({
    maxSize: MOST_BYTES,
    sizeCalculation: (_kept, { sealed }) => OPEN_TIMES * sealed.length + ENTRY_BYTES,
  });
  #cancel: (() => void) | undefined;

  constructor(clock: Pick<Clock, "now" | "after">) {
    this.#clock = clock;
  }

  /** What was kept for this very row, if it holds now. */
  of(row: SealedRow): T | undefined {
    const kept = this.#kept.get(row);
    if (!kept) return undefined;
    const now = this.#clock.now();
    return kept.from <= now && now < kept.until ? kept.value : undefined;
  }

  /** From now until a moment (epoch milliseconds). */
  keep(row: SealedRow, value: T, until: number): void {
    this.#kept.set(row, { value, from: this.#clock.now(), until });
    this.#cancel ??= this.#clock.after(OPEN_MS, () => this.drop());
  }

  /** All of it. */
  drop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#kept.clear();
  }
}
