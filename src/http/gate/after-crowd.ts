import type { Ticker } from "../app-types.ts";

/** So many connections at once are a crowd. */
const CROWD = 1_000;

/** Who has gone for so long does not come again at once. Milliseconds. */
const GONE_MS = 10_000;

/** Does something when a crowd has gone: when a quarter of the connections that were there at most is left, and stays so. */
export class AfterCrowd {
  readonly #clock: Ticker;
  readonly #work: () => void;
  #most = 0;
  #cancel: (() => void) | undefined;

  constructor(clock: Ticker, work: () => void) {
    this.#clock = clock;
    this.#work = work;
  }

  /** So many are here now. */
  here(count: number): void {
    this.#most = Math.max(this.#most, count);
    if (this.#most < CROWD || count > this.#most / 4) {
      this.#cancel?.();
      this.#cancel = undefined;
      return;
    }
    this.#cancel ??= this.#clock.after(GONE_MS, () => {
      this.#cancel = undefined;
      this.#most = 0;
      this.#work();
    });
  }
}
