import { systemClock } from "../../process/clock.ts";

/** How often is looked whether the parent lives. Milliseconds. */
const LOOK_MS = 1_000;

/** What is under way at the end of the input is waited for, but not longer. Milliseconds. */
const LAST_ANSWERS_MS = 1_000;
const LOOK_BUSY_MS = 20;

/** The end of the process comes in any case. Milliseconds. */
const LONGEST_END_MS = 700;

/**
 * MCP-B5: ends the process within 2 s of the end of its input, of SIGTERM, SIGINT and SIGHUP, of a closed output, and of its
 * parent's death, which npx and shells do not tell.
 */
export function liveUntil(ended: Promise<void>, isBusy: () => boolean, end: () => Promise<void>): void {
  let isEnding = false;
  const leave = () => {
    if (isEnding) return;
    isEnding = true;
    systemClock.after(LONGEST_END_MS, () => process.exit(0));
    void end().finally(() => process.exit(0));
  };
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, leave);
  const parent = process.ppid;
  const look = () => systemClock.after(LOOK_MS, () => (process.ppid === parent ? look() : leave()));
  look();
  void ended.then(() => {
    const until = systemClock.monotonic() + LAST_ANSWERS_MS;
    const wait = () => {
      if (!isBusy() || systemClock.monotonic() > until) leave();
      else systemClock.after(LOOK_BUSY_MS, wait);
    };
    wait();
  });
}
