import { type Clock, systemClock } from "../../process/clock.ts";

/** How often is looked whether the parent lives. Milliseconds. */
const LOOK_MS = 1_000;

/** What is under way at the end of the input is waited for, but not longer. Milliseconds. */
const LAST_ANSWERS_MS = 1_000;
const LOOK_BUSY_MS = 20;

/** The end of the process comes in any case. Milliseconds. */
const LONGEST_END_MS = 700;

/** What keeps a bridge alive, and ends it. */
export interface Life {
  readonly clock: Pick<Clock, "after" | "monotonic">;
  /** The process that started it; another number when that one has died. */
  parent(): number;
  onSignal(leave: () => void): void;
  exit(): void;
}

const thisProcess: Life = {
  clock: systemClock,
  parent: () => process.ppid,
  onSignal: (leave) => {
    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, leave);
  },
  exit: () => process.exit(0),
};

/**
 * MCP-B5: ends the process within 2 s of the end of its input, of SIGTERM, SIGINT and SIGHUP, of a closed output, and of its
 * parent's death, which npx and shells do not tell.
 */
export function liveUntil(
  ended: Promise<void>,
  isBusy: () => boolean,
  end: () => Promise<void>,
  { clock, parent, onSignal, exit }: Life = thisProcess,
): void {
  let isEnding = false;
  const leave = () => {
    if (isEnding) return;
    isEnding = true;
    clock.after(LONGEST_END_MS, exit);
    void end().finally(exit);
  };
  onSignal(leave);
  const first = parent();
  const look = () => clock.after(LOOK_MS, () => (parent() === first ? look() : leave()));
  look();
  void ended.then(() => {
    const until = clock.monotonic() + LAST_ANSWERS_MS;
    const wait = () => {
      if (!isBusy() || clock.monotonic() > until) leave();
      else clock.after(LOOK_BUSY_MS, wait);
    };
    wait();
  });
}
