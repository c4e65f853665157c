import { ConfigError } from "../../process/config.ts";
import { startUnusable } from "../../process/start-error.ts";
import { run, type Work } from "./command.ts";
import { CliError, usage } from "./fail.ts";

/** `run` for a command that opens the broker's own folder or database: what stops it is said in one sentence. */
export function runHere<Flags>(work: Work<Flags>): (...all: unknown[]) => Promise<void> {
  return run<Flags>(async (...all) => {
    try {
      await work(...all);
    } catch (error) {
      throw startFailure(error);
    }
  });
}

/** A flag or variable: exit code 2; else 1. Nothing fails in silence. */
function startFailure(error: unknown): unknown {
  if (error instanceof CliError) return error;
  if (error instanceof ConfigError) return usage(error.message);
  const sentence = startUnusable(error);
  if (sentence !== undefined) return new CliError("unusable", sentence);
  const text = error instanceof Error ? error.message : String(error);
  return new CliError("failure", `cannot start: ${text.replaceAll(/\s+/g, " ")}`);
}
