import { type Clock, endsWithin } from "../../process/clock.ts";

/** A server that does not take a notification holds up for so long what comes after it, however many there are. Milliseconds. */
const LONGEST_BEFORE_MS = 1_000;

/** MCP-B1: notifications and answers go one after the other, and before the requests that come after them. */
export class Order {
  readonly #clock: Clock;
  #before: Promise<void> = Promise.resolve();
  /** Notifications that the server has not taken yet, and until when the first of them holds anybody up. */
  #waiting = 0;
  #until = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A request has come: `before` it, and what is called when whatever comes next may go. */
  request(): { readonly before: Promise<void>; readonly onSent: () => void } {
    const { promise, resolve } = Promise.withResolvers<void>();
    const before = this.#before;
    this.#before = promise;
    return { before, onSent: resolve };
  }

  /** A notification or an answer has come. */
  pass(send: () => Promise<void>): void {
    const now = this.#clock.monotonic();
    if (this.#waiting === 0) this.#until = now + LONGEST_BEFORE_MS;
    this.#waiting += 1;
    const passed = this.#before
      .then(send)
      .catch(() => {})
      .finally(() => {
        this.#waiting -= 1;
      });
    const left = this.#until - now;
    if (left > 0) this.#before = endsWithin(this.#clock, passed, left).then(() => {});
  }
}
