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
  | "wrong login"
  | "oidc login"
  | "proxy not understood"
  | "crowded";

/** How often somebody may do something, in this process; whatever has a limit in time is counted here. */
export interface RateLimiter {
  /**
   * At most so many in any minute; 0 = any number. Counts one attempt and answers 0; or counts nothing and answers the
   * seconds until the next one may come.
   */
  take(what: Counted, who: string, perMinute: number): number;
  /** The same seconds, and counts nothing. */
  wait(what: Counted, who: string, perMinute: number): number;
}

export function createRateLimiter(clock: Pick<Clock, "monotonic">): RateLimiter {
  const counted = new Map<Counted, LRUCache<string, readonly number[]>>();
  const attemptsAt = (what: Counted) => {
    const known = counted.get(what) ?? bounded<readonly number[]>(MOST_CALLERS);
    counted.set(what, known);
    return known;
  };
  const look = (what: Counted, who: string, perMinute: number) => {
    const now = clock.monotonic();
    const recent = (attemptsAt(what).get(who) ?? []).filter((at) => now - at < MINUTE_MS);
    const oldest = recent[recent.length - perMinute];
    return { now, recent, wait: oldest === undefined ? 0 : Math.ceil((oldest + MINUTE_MS - now) / 1000) };
  };
  return {
    take: (what, who, perMinute) => {
      if (perMinute === 0) return 0;
      const { now, recent, wait } = look(what, who, perMinute);
      if (wait === 0) attemptsAt(what).set(who, [...recent, now]);
      return wait;
    },
    wait: (what, who, perMinute) => (perMinute === 0 ? 0 : look(what, who, perMinute).wait),
  };
}
