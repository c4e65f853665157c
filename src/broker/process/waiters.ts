import type { Clock } from "../../process/clock.ts";

/** Who waits for a change of a session, in this process: a callback each, and no timer or look at the store. */
export class Waiters {
  readonly #clock: Pick<Clock, "after">;
  readonly #byName = new Map<string, Set<Waiter>>();
  #total = 0;

  constructor(clock: Pick<Clock, "after">) {
    this.#clock = clock;
  }

  /** How many there are, in all or for one name. */
  count(name?: string): number {
    return name === undefined ? this.#total : (this.#byName.get(name)?.size ?? 0);
  }

  /** Changes from now on are not missed; `end` must be called. */
  join(name: string): Waiter {
    const waiter = new Waiter(this.#clock, () => {
      const others = this.#byName.get(name);
      if (!others?.delete(waiter)) return;
      this.#total -= 1;
      if (others.size === 0) this.#byName.delete(name);
    });
    this.#byName.set(name, (this.#byName.get(name) ?? new Set()).add(waiter));
    this.#total += 1;
    return waiter;
  }

  changed(name: string): void {
    for (const waiter of this.#byName.get(name) ?? []) waiter.wake();
  }
}

export class Waiter {
  readonly #clock: Pick<Clock, "after">;
  readonly end: () => void;
  #changed = false;
  #resolve = () => {};

  constructor(clock: Pick<Clock, "after">, end: () => void) {
    this.#clock = clock;
    this.end = end;
  }

  wake(): void {
    this.#changed = true;
    this.#resolve();
  }

  /** Resolves at the next change (at once if there was one since the last call), after that time, or when aborted. */
  async next(milliseconds: number, signal: AbortSignal): Promise<void> {
    if (!this.#changed && !signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const wake = () => resolve();
      this.#resolve = wake;
      const cancel = this.#clock.after(milliseconds, wake);
      signal.addEventListener("abort", wake, { once: true });
      await promise;
      cancel();
      signal.removeEventListener("abort", wake);
    }
    this.#changed = false;
  }
}
