import { ConfigError } from "../config.ts";
import { startUnusable } from "../start-error.ts";
import { BrokerRefused } from "./call-broker.ts";

/** Says in one sentence what is wrong: exit code 2 for a flag or variable, else 1. Nothing fails in silence. */
export function complain(error: unknown): void {
  const sentence = error instanceof ConfigError ? error.message : (startUnusable(error) ?? unexpected(error));
  process.stderr.write(`coatcheck: ${sentence}\n`);
  process.exitCode = error instanceof ConfigError ? 2 : 1;
}

function unexpected(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  if (error instanceof BrokerRefused) return text;
  return `cannot start: ${text.replaceAll(/\s+/g, " ")}`;
}
