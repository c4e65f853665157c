import { CliError, EXIT } from "./fail.ts";

/** CLI-9: the first interrupt is an abort, the second does not wait for anything. */
export interface Interrupts {
  readonly signal: AbortSignal;
  /** A key can be one too. */
  readonly interrupt: () => void;
  readonly end: () => void;
}

export function listenToInterrupts(): Interrupts {
  const first = new AbortController();
  const interrupt = () => {
    if (first.signal.aborted) process.exit(EXIT.interrupted);
    first.abort();
  };
  process.on("SIGINT", interrupt);
  return { signal: first.signal, interrupt, end: () => void process.off("SIGINT", interrupt) };
}

/** How a command ends that was interrupted, after what it did about it. */
export function interruption(message: string): CliError {
  return new CliError("interrupted", message, { exit: EXIT.interrupted });
}
