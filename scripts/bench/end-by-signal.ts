import { constants } from "node:os";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Stops what was started when somebody ends the run: children whose parent is gone would go on, and cost the next run its time. */
export function endBySignal(end: () => Promise<void>): void {
  for (const signal of SIGNALS)
    process.once(signal, () => void end().finally(() => process.exit(128 + constants.signals[signal])));
}
