import { ConfigError } from "../config.ts";
import { startUnusable } from "../start-error.ts";

/** Says in one sentence what an operator can mend: exit code 2 for a flag or variable, else 1. Other errors go on. */
export function complain(error: unknown): void {
  const sentence = error instanceof ConfigError ? error.message : startUnusable(error);
  if (sentence === undefined) throw error;
  process.stderr.write(`coatcheck: ${sentence}\n`);
  process.exitCode = error instanceof ConfigError ? 2 : 1;
}
