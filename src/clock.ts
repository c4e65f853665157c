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
