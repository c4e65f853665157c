import type { Clock } from "../../process/clock.ts";
import { bounded } from "./bounded.ts";

const MINUTE_MS = 60_000;

/** More callers at once than any honest crowd; the least recent one is forgotten. */
const MOST_CALLERS = 20_000;

/** How often somebody may do something, in this process. */
export interface RateLimit {
  /** Counts one attempt and answers 0; or counts nothing and answers the seconds until the next one may come. */
  take(caller: string, perMinute: number): number;
}

/** At most so many in any minute; 0 = any number. */
export function createRateLimit(clock: Pick<Clock, "monotonic">): RateLimit {
  const attempts = bounded<readonly number[]>(MOST_CALLERS);
  return {
    take: (caller, perMinute) => {
      if (perMinute === 0) return 0;
      const now = clock.monotonic();
      const recent = (attempts.get(caller) ?? []).filter((at) => now - at < MINUTE_MS);
      const oldest = recent[recent.length - perMinute];
      if (oldest !== undefined) return Math.ceil((oldest + MINUTE_MS - now) / 1000);
      attempts.set(caller, [...recent, now]);
      return 0;
    },
  };
}
