import { systemClock } from "../../process/clock.ts";

/** Operators expect an end within 10 s, even if the store takes nothing any more. Milliseconds. */
const LONGEST_STOP_MS = 9_500;

/** From now on the process ends in time, whatever hangs. */
export function endSoon(): void {
  systemClock.after(LONGEST_STOP_MS, () => process.exit(1));
}

/** A terminal that is closed sends the hang-up. */
const NUMBERS = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 } as const;

/**
 * Resolves at the first SIGINT, SIGTERM or SIGHUP; from then on the process ends within 10 s, and a second signal does not wait.
 * Called before anything is started: a signal that comes during the start, or just as it has been said that the broker
 * serves, ends it in order too. Where `onHangUp` has files to read anew, the hang-up means that, as to other servers.
 */
export function stopRequested(onHangUp = () => false): Promise<void> {
  return new Promise((requested) => {
    let stopping = false;
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.on(signal, () => {
        if (signal === "SIGHUP" && onHangUp()) return;
        if (stopping) process.exit(128 + NUMBERS[signal]);
        stopping = true;
        endSoon();
        requested();
      });
    }
  });
}
