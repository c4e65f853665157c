import { uptime } from "node:os";

/**
 * The only source of time. Every longer wait is a due time in the store, so the only timers are the scheduler's tick and
 * request deadlines.
 */
export interface Clock {
  /**
   * Milliseconds since the epoch, for expiry, due times and leases. It runs evenly as long as the process lives: when
   * somebody sets the host's clock, no wait gets shorter, no lease ends early and no token lives longer. The host's new
   * time is taken over at the next start.
   */
  now(): number;
  /** Milliseconds since the epoch as the host says now: only for what others compare with their own clocks (id_token). */
  wall(): number;
  /** Milliseconds of a clock that never jumps; only differences mean anything. */
  monotonic(): number;
  /** Calls back once after `milliseconds` (clamped to 1 minute, so no timer can overflow); returns its cancellation. */
  after(milliseconds: number, callback: () => void): () => void;
}

/** How often a followed clock is looked at. Milliseconds. */
const FOLLOW_MS = 10_000;

/** An answer that took longer says too little. Milliseconds. */
const LONGEST_ANSWER_MS = 250;

/**
 * A clock whose wall time is another machine's, asked for at the start and every 10 s: several instances agree on what
 * time it is, whatever their own clocks say or do. It is never behind the other one, so that no due time comes early,
 * and ahead of it by at most the time an answer takes. Rejects when the first question fails; later ones may.
 */
export async function followClock(
  own: Clock,
  ask: () => Promise<number>,
): Promise<{ readonly clock: Clock; stop(): void }> {
  const look = async () => {
    const at = own.monotonic();
    return { at, now: await ask(), took: own.monotonic() - at };
  };
  let seen = await look();
  let stopped = false;
  let cancel = () => {};
  const again = async () => {
    const next = await look().catch(() => undefined);
    if (next && next.took <= Math.max(LONGEST_ANSWER_MS, seen.took)) seen = next;
    if (!stopped) cancel = own.after(FOLLOW_MS, again);
  };
  cancel = own.after(FOLLOW_MS, again);
  return {
    clock: {
      now: () => Math.ceil(seen.now + own.monotonic() - seen.at),
      wall: () => own.wall(),
      monotonic: () => own.monotonic(),
      after: (milliseconds, callback) => own.after(milliseconds, callback),
    },
    stop: () => {
      stopped = true;
      cancel();
    },
  };
}

/** setTimeout above 2^31-1 ms fires at once; nothing here needs to wait longer than the scheduler's slowest tick. */
const LONGEST_TIMER_MS = 60_000;

/** The kernel's uptime goes on while a machine sleeps, and the monotonic clock does not; smaller gaps are rounding. */
const SHORTEST_SLEEP_MS = 2_000;

/** How often the uptime is asked: it is a file on Linux. */
const ASK_UPTIME_MS = 1_000;

/** Where a clock gets its time: all in milliseconds. */
export interface TimeSources {
  wall(): number;
  monotonic(): number;
  uptime(): number;
}

/** A `now` that starts at the wall clock and goes on by the monotonic one, plus what the machine slept. */
export function evenTime(sources: TimeSources): () => number {
  const start = { wall: sources.wall(), monotonic: sources.monotonic(), uptime: sources.uptime() };
  let slept = 0;
  let asked = start.monotonic;
  return () => {
    const monotonic = sources.monotonic();
    const passed = monotonic - start.monotonic;
    if (monotonic - asked >= ASK_UPTIME_MS) {
      asked = monotonic;
      const gap = sources.uptime() - start.uptime - passed;
      if (gap - slept >= SHORTEST_SLEEP_MS) slept = gap;
    }
    return Math.floor(start.wall + passed + slept);
  };
}

const sources: TimeSources = {
  wall: () => Date.now(),
  monotonic: () => performance.now(),
  uptime: () => uptime() * 1000,
};

export const systemClock: Clock = {
  now: evenTime(sources),
  wall: sources.wall,
  monotonic: sources.monotonic,
  after(milliseconds, callback) {
    const timer = setTimeout(callback, Math.min(Math.max(milliseconds, 0), LONGEST_TIMER_MS));
    return () => clearTimeout(timer);
  },
};
