import type { Clock } from "../../process/clock.ts";

/**
 * How many refreshes may just have been sent, in one process: a crash puts no more of them in doubt (faults.md section 2).
 * At 100 ms each these are 80 a second.
 */
const PLACES = 8;

/** A refresh that lasts longer is in doubt anyway: it gives its place back, so that no hung provider keeps others waiting. */
const USUAL_MS = 2_000;

/** More than come to their turn while a reader waits (9 s): whoever comes after them is told to come again. */
const MOST_WAITING = 1_000;

export interface RefreshPlaces {
  /** How many may just have been sent. */
  taken(): number;
  /** Places that nobody waits for. */
  free(): number;
  /** Takes one that is free; the result gives it back. */
  take(): () => void;
  /** Waits for one: a reader goes before whatever is only due. Undefined when too many wait already. */
  wait(): Promise<() => void> | undefined;
  waiting(): number;
}

/** `onFree` is called when a place was given back and nobody waited for it. */
export function createRefreshPlaces(clock: Clock, onFree: () => void): RefreshPlaces {
  const waiting: ((giveBack: () => void) => void)[] = [];
  let taken = 0;
  const take = () => {
    taken += 1;
    let held = true;
    const giveBack = () => {
      cancel();
      if (!held) return;
      held = false;
      taken -= 1;
      const next = waiting.shift();
      if (next) next(take());
      else onFree();
    };
    const cancel = clock.after(USUAL_MS, giveBack);
    return giveBack;
  };
  return {
    taken: () => taken,
    free: () => (waiting.length > 0 ? 0 : PLACES - taken),
    take,
    wait: () => {
      if (taken < PLACES) return Promise.resolve(take());
      return waiting.length < MOST_WAITING ? new Promise((resolve) => waiting.push(resolve)) : undefined;
    },
    waiting: () => waiting.length,
  };
}
