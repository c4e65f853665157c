import { run, type Work } from "./command.ts";
import { environment } from "./environment.ts";
import { CliError, usage } from "./fail.ts";

/** `run` for a command that opens the broker's own folder or database: what stops it is said in one sentence. */
export function runHere<Flags>(work: Work<Flags>): (...all: unknown[]) => Promise<void> {
  return run<Flags>(async (...all) => {
    // It is taken out of the environment as it is read.
    const keyGiven = Boolean(environment().COATCHECK_KEY);
    try {
      await work(...all);
    } catch (error) {
      throw await startFailure(error, keyGiven);
    }
  });
}

/** A flag or variable, the key in one too: exit code 2; else 1. Nothing fails in silence. */
async function startFailure(error: unknown, keyGiven: boolean): Promise<unknown> {
  if (error instanceof CliError) return error;
  const { ConfigError } = await import("../../process/config.ts");
  const { isAboutKey, startUnusable } = await import("../../process/start-error.ts");
  if (error instanceof ConfigError) return usage(error.message);
  const sentence = startUnusable(error);
  if (sentence !== undefined && keyGiven && isAboutKey(error)) return usage(sentence);
  if (sentence !== undefined) return new CliError("unusable", sentence);
  const text = error instanceof Error ? error.message : String(error);
  return new CliError("failure", `cannot start: ${text.replaceAll(/\s+/g, " ")}`);
}
