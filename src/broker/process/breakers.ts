import type { Clock } from "../../process/clock.ts";
import type { TokenOutcome } from "../../protocol/response/outcome.ts";
import { bounded } from "./bounded.ts";

/** So many requests in a row without an answer, and the server is left alone for a while. */
const FAILURES = 5;

/** How long, doubling with each further failure. Seconds. */
const PAUSE = { first: 5, longest: 60 } as const;

/** A server that does not answer is tried so often for readers who wait (FC-32). Milliseconds. */
const TURN_MS = 5_000;

/**
 * A server that left a request unanswered is only looked at for so long, until it has answered a look: then it is tried, in case
 * it answers no looks. Milliseconds.
 */
const LOOKS_MS = 900_000;

/** Servers of which something is remembered; the least recently used are forgotten, and begin anew. */
const MOST_SERVERS = 10_000;

/** Rows that are woken when their server is back; others are due by the store in the end, or are tried by their readers. */
const MOST_ROWS = 1_000;

interface State {
  readonly failures: number;
  /** Monotonic milliseconds. */
  readonly pausedUntil: number;
  /** By the server's own `Retry-After`, which an answer to a request that was under way does not end. Monotonic milliseconds. */
  readonly askedUntil: number;
  /** It was silent, and is only looked at. Monotonic milliseconds. */
  readonly looksUntil: number;
  /** Whose attempts failed since it last answered. */
  readonly rows: ReadonlySet<string>;
}

/** What became of a request. */
interface Seen {
  readonly outcome: TokenOutcome;
  /** Nothing came in time: of the request itself, or of the look before it. */
  readonly silent?: "request" | "look" | undefined;
  /** The row that it was for. */
  readonly row?: string | undefined;
}

/**
 * One circuit breaker per server (lane), in this process: a server that answers nothing is asked by one request at a time,
 * and one that says `Retry-After` by none until then, whichever credential it was said to (CL-10, faults.md section 7).
 * Readers who wait take turns at trying it before that (process/turns). It only delays: what was due stays due in the store.
 */
export interface Breakers {
  /** What a token endpoint's answer says about its server; answers the rows that waited for it to be back. */
  observe(lane: string, seen: Seen): readonly string[];
  /** How many requests may be under way, of `usual` ones. */
  room(lane: string, usual: number): number;
  /** Seconds until requests are made again by the clock; 0 = now. */
  wait(lane: string): number;
  /** Milliseconds until a reader who waits may try; 0 = now. */
  turn(lane: string): number;
  /** Somebody tries. */
  take(lane: string): void;
  /** The tries of readers that are under way, by lane. */
  readonly trials: Map<string, Promise<void>>;
  /** It has not answered since the last failure. */
  isFailing(lane: string): boolean;
  /** It was silent: nothing that is lost with its answer is sent before it has answered something else. */
  looksFirst(lane: string): boolean;
  /** Lanes with less room than usual. */
  lanes(): Iterable<string>;
  /** How many servers are left alone now. */
  paused(): number;
}

export function createBreakers(clock: Pick<Clock, "monotonic">): Breakers {
  const states = bounded<State>(MOST_SERVERS);
  const tried = bounded<number>(MOST_SERVERS);
  const until = (moment: number | undefined) => Math.max(0, (moment ?? 0) - clock.monotonic());
  const wait = (lane: string) => {
    const { pausedUntil = 0, askedUntil = 0 } = states.peek(lane) ?? {};
    return until(Math.max(pausedUntil, askedUntil)) / 1000;
  };
  const isFailing = (lane: string) => (states.peek(lane)?.failures ?? 0) > 0;
  return {
    observe(lane, seen) {
      const before = states.peek(lane) ?? NEW;
      const isAsked = until(before.askedUntil) > 0;
      if (seen.outcome.kind === "tokens" || seen.outcome.kind === "refused") {
        if (isAsked) states.set(lane, { ...NEW, askedUntil: before.askedUntil });
        else states.delete(lane);
        return isAsked ? [] : [...before.rows];
      }
      states.set(lane, afterFailure(before, seen, clock.monotonic()));
      return [];
    },
    room(lane, usual) {
      if (wait(lane) > 0) return 0;
      return (states.peek(lane)?.failures ?? 0) >= FAILURES ? 1 : usual;
    },
    wait,
    turn: (lane) => {
      const next = (tried.peek(lane) ?? Number.NEGATIVE_INFINITY) + TURN_MS;
      return until(Math.max(next, states.peek(lane)?.askedUntil ?? 0));
    },
    take: (lane) => void tried.set(lane, clock.monotonic()),
    trials: new Map(),
    isFailing,
    looksFirst: (lane) => until(states.peek(lane)?.looksUntil) > 0,
    lanes: () => states.keys(),
    paused: () => [...states.keys()].filter((lane) => wait(lane) > 0).length,
  };
}

const NEW: State = { failures: 0, pausedUntil: 0, askedUntil: 0, looksUntil: 0, rows: new Set() };

function afterFailure(before: State, { outcome, silent, row }: Seen, now: number): State {
  const failures = before.failures + 1;
  const asked = "retryAfter" in outcome ? (outcome.retryAfter ?? 0) : 0;
  const rows = row === undefined ? before.rows : new Set([...before.rows, row].slice(-MOST_ROWS));
  return {
    failures,
    pausedUntil: Math.max(now + pauseAfter(failures) * 1000, before.pausedUntil),
    askedUntil: Math.max(now + asked * 1000, before.askedUntil),
    looksUntil: silent === "look" ? before.looksUntil : silent === "request" ? now + LOOKS_MS : 0,
    rows,
  };
}

function pauseAfter(failures: number): number {
  if (failures < FAILURES) return 0;
  return Math.min(PAUSE.longest, PAUSE.first * 2 ** (failures - FAILURES));
}
