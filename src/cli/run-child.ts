import { type StdioOptions, spawn } from "node:child_process";
import { constants } from "node:os";
import { CliError } from "./fail.ts";

export interface ChildOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdio?: StdioOptions;
}

/** Runs a command in our place: its exit code is ours, and what would stop us stops it. */
export function runChild([program = "", ...args]: readonly string[], options: ChildOptions): Promise<number> {
  const child = spawn(program, args, { stdio: options.stdio ?? "inherit", env: { ...options.env } });
  // A terminal's Ctrl-C reaches the child by itself; this process waits for what it makes of it.
  const forward = (["SIGTERM", "SIGHUP"] as const).map((signal) => [signal, () => child.kill(signal)] as const);
  const ignore = () => {};
  process.on("SIGINT", ignore);
  for (const [signal, listener] of forward) process.on(signal, listener);
  return new Promise<number>((resolve, reject) => {
    child.on("error", (error) => reject(new CliError("not_run", `${program} cannot be run: ${error.message}`)));
    child.on("exit", (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? "SIGTERM"]));
  }).finally(() => {
    process.off("SIGINT", ignore);
    for (const [signal, listener] of forward) process.off(signal, listener);
  });
}

/** commander drops the `--`: the words before it, and the command after it. */
export function splitWords(argv: readonly string[], operands: readonly string[]) {
  const at = argv.indexOf("--");
  const command = at === -1 ? [] : argv.slice(at + 1);
  return { before: operands.slice(0, operands.length - command.length), command };
}
