import type { Clock } from "../../process/clock.ts";
import type { TokenOutcome } from "../../protocol/response/outcome.ts";
import { bounded } from "./bounded.ts";

/** So many requests in a row without an answer, and the server is left alone for a while. */
const FAILURES = 5;

/** How long, doubling with each further failure. Seconds. */
const PAUSE = { first: 5, longest: 60 } as const;

/** Servers of which something is remembered; the least recently used are forgotten, and begin anew. */
const MOST_SERVERS = 10_000;

interface State {
  readonly failures: number;
  /** Monotonic milliseconds. */
  readonly pausedUntil: number;
  /** The server asked for the pause: an answer to a request that was under way then does not end it. */
  readonly asked: boolean;
}

/**
 * One circuit breaker per server (lane), in this process: a server that answers nothing is asked by one request at a time,
 * and one that says `Retry-After` by none until then, whichever credential it was said to (CL-10, faults.md section 7).
 * It only delays: what was due stays due in the store.
 */
export interface Breakers {
  /** What a token endpoint's answer says about its server. */
  observe(lane: string, outcome: TokenOutcome): void;
  /** How many requests may be under way, of `usual` ones. */
  room(lane: string, usual: number): number;
  /** Seconds until requests are made again; 0 = now. */
  wait(lane: string): number;
  /** Lanes with less room than usual. */
  lanes(): Iterable<string>;
  /** How many servers are left alone now. */
  paused(): number;
}

export function createBreakers(clock: Pick<Clock, "monotonic">): Breakers {
  const states = bounded<State>(MOST_SERVERS);
  const wait = (lane: string) => Math.max(0, (states.peek(lane)?.pausedUntil ?? 0) - clock.monotonic()) / 1000;
  return {
    observe(lane, outcome) {
      const before = states.peek(lane);
      if (outcome.kind === "tokens" || outcome.kind === "refused") {
        if (before?.asked && wait(lane) > 0) states.set(lane, { ...before, failures: 0 });
        else states.delete(lane);
        return;
      }
      const failures = (before?.failures ?? 0) + 1;
      const asked = outcome.retryAfter !== undefined;
      const pause = Math.max(pauseAfter(failures), outcome.retryAfter ?? 0);
      const pausedUntil = Math.max(clock.monotonic() + pause * 1000, before?.pausedUntil ?? 0);
      states.set(lane, { failures, pausedUntil, asked: asked || (before?.asked === true && wait(lane) > 0) });
    },
    room(lane, usual) {
      if (wait(lane) > 0) return 0;
      return (states.peek(lane)?.failures ?? 0) >= FAILURES ? 1 : usual;
    },
    wait,
    lanes: () => states.keys(),
    paused: () => [...states.keys()].filter((lane) => wait(lane) > 0).length,
  };
}

function pauseAfter(failures: number): number {
  if (failures < FAILURES) return 0;
  return Math.min(PAUSE.longest, PAUSE.first * 2 ** (failures - FAILURES));
}
