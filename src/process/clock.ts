import { uptime } from "node:os";

/**
 * The only source of time. Every longer wait is a due time in the store, so the only timers are the scheduler's tick and
 * request deadlines.
 */
export interface Clock {
  /**
   * Milliseconds since the epoch, for expiry, due times and leases. It runs evenly: when somebody sets the host's clock no
   * wait gets shorter and no lease ends early. A clock that was behind (a machine that started without the right time) is
   * followed a minute later, when its new time has proved to stay; one that was ahead, or leaps by more than a year, is
   * taken over at the next start.
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
    if (!stopped) cancel = own.after(FOLLOW_MS, () => void again());
  };
  cancel = own.after(FOLLOW_MS, () => void again());
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

/** How often host and kernel are asked: the uptime is a file on Linux. */
const ASK_MS = 1_000;

/** A lead beyond that is a mistake rather than a late start: it would make everything look long expired. Milliseconds. */
const LONGEST_LEAD_MS = 366 * 86_400_000;

/** How long the host's clock must have been ahead of ours before it is believed. Milliseconds. */
const PROVED_MS = 60_000;

/** Where a clock gets its time: all in milliseconds. */
export interface TimeSources {
  wall(): number;
  monotonic(): number;
  uptime(): number;
}

/** A `now` that starts at the wall clock and goes on by the monotonic one; see `Clock.now`. */
export function evenTime(sources: TimeSources): () => number {
  const start = { wall: sources.wall(), monotonic: sources.monotonic(), uptime: sources.uptime() };
  let slept = 0;
  let followed = 0;
  let asked = start.monotonic;
  let ahead: { readonly since: number; readonly least: number } | undefined;
  return () => {
    const monotonic = sources.monotonic();
    const passed = monotonic - start.monotonic;
    if (monotonic - asked >= ASK_MS) {
      asked = monotonic;
      const gap = sources.uptime() - start.uptime - passed;
      if (gap - slept >= SHORTEST_SLEEP_MS) slept = gap;
      const lead = sources.wall() - (start.wall + passed + slept + followed);
      ahead = lead < SHORTEST_SLEEP_MS || lead > LONGEST_LEAD_MS ? undefined : leading(ahead, monotonic, lead);
      if (ahead && monotonic - ahead.since >= PROVED_MS) {
        followed += ahead.least;
        ahead = undefined;
      }
    }
    return Math.floor(start.wall + passed + slept + followed);
  };
}

/** The least lead since the host's clock went ahead: only so much is certain. */
function leading(before: { since: number; least: number } | undefined, since: number, lead: number) {
  return before ? { since: before.since, least: Math.min(before.least, lead) } : { since, least: lead };
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

/** Waits on the clock. */
export function pause(clock: Pick<Clock, "after">, milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(milliseconds, resolve);
  });
}

/** Whether a promise settles in time; rejects when it does. */
export async function endsWithin(
  clock: Pick<Clock, "after">,
  promise: Promise<unknown>,
  milliseconds: number,
): Promise<boolean> {
  let cancel = () => {};
  const late = new Promise<boolean>((resolve) => {
    cancel = clock.after(milliseconds, () => resolve(false));
  });
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    cancel();
  }
}
