import type { Clock } from "../../src/process/clock.ts";

interface Timer {
  readonly at: number;
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
    const timer = { at: this.#monotonic + Math.min(Math.max(milliseconds, 0), 60_000), callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Moves both clocks. */
  advance(milliseconds: number): void {
    const end = this.#monotonic + milliseconds;
    for (;;) {
      const [next] = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (!next) break;
      this.#timers.delete(next);
      this.#step(Math.max(next.at - this.#monotonic, 0));
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

  #step(milliseconds: number): void {
    this.#now += milliseconds;
    this.#monotonic += milliseconds;
  }
}
