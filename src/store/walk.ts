/**
 * How many rows are walked: page by page, some at once, and never so long at a stretch that others wait. A store on a local
 * file answers without a turn of the event loop, so a loop of awaits alone would keep everybody waiting until its end.
 */

/** How long is worked at a stretch before everybody else has a turn. Milliseconds. */
export const STRETCH_MS = 3;

/** Rows that are worked on at the same time: their writes share a transaction, and so a wait for the disk. */
const AT_ONCE = 64;

/** Rows that are read at once, with what they hold, in about a millisecond; and rows of a stretch, whatever the clock says. */
const PAGE = 128;

interface Stopwatch {
  monotonic(): number;
}

/** Everybody else has a turn. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** A cursor is exclusive. */
export interface Reading<T> {
  read(after: string, limit: number): Promise<readonly T[]>;
  cursorOf(last: T): string;
  readonly after?: string;
  /** By default 128. */
  readonly size?: number;
}

/** Everything that is read so, in pages, with a turn for others between two of them. No page is empty. */
export async function* pages<T>({
  read,
  cursorOf,
  after = "",
  size = PAGE,
}: Reading<T>): AsyncGenerator<readonly T[], void> {
  for (let cursor = after; ; ) {
    const page = await read(cursor, size);
    const last = page.at(-1);
    if (last === undefined) return;
    yield page;
    if (page.length < size) return;
    cursor = cursorOf(last);
    await turn();
  }
}

/** Does the work for each of them, in no certain order, several at once; rejects with the first failure. */
export async function eachOf<T>(all: readonly T[], clock: Stopwatch, work: (one: T) => unknown): Promise<void> {
  const left = all.values();
  const stretch = new Stretch(clock);
  const worker = async () => {
    for (const one of left) {
      while (stretch.isOver()) await stretch.rest();
      await work(one);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** What is done between two turns of the event loop, by several at once. */
class Stretch {
  readonly #clock: Stopwatch;
  #began: number;
  #count = 0;
  #resting: Promise<void> | undefined;

  constructor(clock: Stopwatch) {
    this.#clock = clock;
    this.#began = clock.monotonic();
  }

  /** For who is about to begin with another row. */
  isOver(): boolean {
    this.#count += 1;
    return this.#count > PAGE || this.#clock.monotonic() - this.#began >= STRETCH_MS;
  }

  rest(): Promise<void> {
    this.#resting ??= turn().then(() => {
      this.#began = this.#clock.monotonic();
      this.#count = 0;
      this.#resting = undefined;
    });
    return this.#resting;
  }
}

/** The same for what comes in pages. */
export async function eachRow<T>(
  all: AsyncIterable<readonly T[]>,
  clock: Stopwatch,
  work: (one: T) => unknown,
): Promise<void> {
  for await (const page of all) await eachOf(page, clock, work);
}
