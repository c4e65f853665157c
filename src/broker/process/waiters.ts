import type { Clock } from "../../process/clock.ts";

/** Who waits for a change of a session, in this process: a callback each, and no timer or look at the store. */
export interface Waiters {
  /** How many there are, in all or for one name. */
  count(name?: string): number;
  /** Changes from now on are not missed; `end` must be called. */
  join(name: string): Waiter;
  changed(name: string): void;
}

export interface Waiter {
  /** Resolves at the next change (at once if there was one since the last call), after that time, or when aborted. */
  next(milliseconds: number, signal: AbortSignal): Promise<void>;
  end(): void;
}

export function createWaiters(clock: Pick<Clock, "after">): Waiters {
  const byName = new Map<string, Set<OneWaiter>>();
  let total = 0;
  return {
    count: (name) => (name === undefined ? total : (byName.get(name)?.size ?? 0)),
    join: (name) => {
      const waiter = new OneWaiter(clock, () => {
        const others = byName.get(name);
        if (!others?.delete(waiter)) return;
        total -= 1;
        if (others.size === 0) byName.delete(name);
      });
      byName.set(name, (byName.get(name) ?? new Set()).add(waiter));
      total += 1;
      return waiter;
    },
    changed: (name) => {
      for (const waiter of byName.get(name) ?? []) waiter.wake();
    },
  };
}

class OneWaiter implements Waiter {
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
