import { AsyncLocalStorage } from "node:async_hooks";
import type { Clock } from "../../src/process/clock.ts";

interface Timer {
  readonly at: number;
  /** What it was set for. Milliseconds. */
  readonly length: number;
  readonly callback: () => void;
}

/** A clock that moves only by hand: timers fire inside `advance`, in the order of their time. */
export class FakeClock implements Clock {
  #now: number;
  #set = 0;
  #monotonic = 0;
  #timers = new Set<Timer>();

  constructor(now = Date.now()) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  wall(): number {
    return this.#now + this.#set;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  after(milliseconds: number, callback: () => void): () => void {
    const length = Math.min(Math.max(milliseconds, 0), 60_000);
    // As Node's timers do: what is called goes on in the asynchronous context of whoever asked for it.
    const timer = { at: this.#monotonic + length, length, callback: AsyncLocalStorage.bind(callback) };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Milliseconds until the next timer fires, but for those of some lengths. */
  next(except: ReadonlySet<number>): number {
    const times = [...this.#timers].flatMap(({ at, length }) => (except.has(length) ? [] : [at]));
    return Math.max(0, Math.min(...times) - this.#monotonic);
  }

  /** Moves both clocks. Timers of the lengths `atEnd` fire at the end only. */
  advance(milliseconds: number, atEnd: ReadonlySet<number> = new Set()): void {
    const end = this.#monotonic + milliseconds;
    const fires = ({ at, length }: Timer) => (atEnd.has(length) ? end : at);
    for (;;) {
      const [next] = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => fires(a) - fires(b));
      if (!next) break;
      this.#timers.delete(next);
      this.#step(Math.max(fires(next) - this.#monotonic, 0));
      next.callback();
    }
    this.#step(end - this.#monotonic);
  }

  /** Time passes and no timer fires: the process was stopped. */
  stand(milliseconds: number): void {
    this.#step(milliseconds);
  }

  /** Somebody sets the host's clock. */
  jump(milliseconds: number): void {
    this.#set += milliseconds;
  }

  /** Our time follows the host's, as a clock that was behind does a minute later. */
  follow(): void {
    this.#now += this.#set;
    this.#set = 0;
  }

  #step(milliseconds: number): void {
    this.#now += milliseconds;
    this.#monotonic += milliseconds;
  }
}
