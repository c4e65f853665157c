/**
 * The only source of time. Wall time is for expiry and display; monotonic time is for deadlines inside one process.
 * Every longer wait is a due time in the store, so the only timers are the scheduler's tick and request deadlines.
 */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
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

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(milliseconds, callback) {
    const timer = setTimeout(callback, Math.min(Math.max(milliseconds, 0), LONGEST_TIMER_MS));
    return () => clearTimeout(timer);
  },
};
