import type { LRUCache } from "lru-cache";
import type { Clock } from "../../process/clock.ts";
import { bounded } from "./bounded.ts";

const MINUTE_MS = 60_000;

/** More callers at once than any honest crowd; the least recent one is forgotten. */
const MOST_CALLERS = 20_000;

/** What is counted, each apart from the others. */
type Counted =
  | "start"
  | "code typed"
  | "code decided"
  | "token rejected"
  | "registration"
  | "registration of a stranger"
  | "wrong token"
  | "proxy not understood"
  | "crowded";

/** How often somebody may do something, in this process; whatever has a limit in time is counted here. */
export interface RateLimiter {
  /**
   * At most so many in any minute; 0 = any number. Counts one attempt and answers 0; or counts nothing and answers the
   * seconds until the next one may come.
   */
  take(what: Counted, who: string, perMinute: number): number;
}

export function createRateLimiter(clock: Pick<Clock, "monotonic">): RateLimiter {
  const counted = new Map<Counted, LRUCache<string, readonly number[]>>();
  const attemptsAt = (what: Counted) => {
    const known = counted.get(what) ?? bounded<readonly number[]>(MOST_CALLERS);
    counted.set(what, known);
    return known;
  };
  return {
    take: (what, who, perMinute) => {
      if (perMinute === 0) return 0;
      const attempts = attemptsAt(what);
      const now = clock.monotonic();
      const recent = (attempts.get(who) ?? []).filter((at) => now - at < MINUTE_MS);
      const oldest = recent[recent.length - perMinute];
      if (oldest !== undefined) return Math.ceil((oldest + MINUTE_MS - now) / 1000);
      attempts.set(who, [...recent, now]);
      return 0;
    },
  };
}
