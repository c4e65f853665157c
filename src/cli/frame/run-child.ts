import type { StdioOptions } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { constants } from "node:os";
import { startProgram } from "./children.ts";
import type { Environment } from "./environment.ts";
import { CliError, usage } from "./fail.ts";
import { outliveReaders } from "./quiet-pipe.ts";

interface ChildOptions {
  readonly env: Environment;
  readonly stdio?: StdioOptions;
}

/** What is sent to this process is meant for the command. */
const FORWARDED = ["SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2"] as const;

/** A terminal sends these to both, and twice would be another meaning: then the child has had it already. */
const FROM_TERMINALS = ["SIGINT", "SIGQUIT"] as const;

/** Runs a command in our place: its exit code is ours, and what would stop us stops it. */
export function runChild([program = "", ...args]: readonly string[], options: ChildOptions): Promise<number> {
  // Who stopped reading hears the child no more, which decides itself what that means.
  outliveReaders();
  const child = startProgram(program, args, { stdio: options.stdio ?? "inherit", env: options.env });
  const shared = hasTerminal() ? FROM_TERMINALS : [];
  const listeners = [...FORWARDED, ...FROM_TERMINALS].map((signal) => {
    const forward = () => void (shared.some((one) => one === signal) || child.kill(signal));
    return [signal, forward] as const;
  });
  for (const [signal, listener] of listeners) process.on(signal, listener);
  return new Promise<number>((resolve, reject) => {
    child.on("error", (error) => reject(notRun(program, error)));
    child.on("exit", (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? "SIGTERM"]));
  }).finally(() => {
    for (const [signal, listener] of listeners) process.off(signal, listener);
  });
}

/** As shells end then: 127 for a command that is not there, 126 for one that cannot be run (POSIX, Shell Command Language 2.8.2). */
function notRun(program: string, { code, message }: NodeJS.ErrnoException): CliError {
  if (code === "ENOENT") return new CliError("not_run", `cannot run ${program}: not found`, { exit: 127 });
  const why = code === "EACCES" ? "it is not executable, or you may not run it" : message;
  return new CliError("not_run", `cannot run ${program}: ${why}`, { exit: 126 });
}

/** Whether a terminal controls this process, wherever its streams lead. */
function hasTerminal(): boolean {
  try {
    closeSync(openSync("/dev/tty", "r"));
    return true;
  } catch {
    return false;
  }
}

/** commander drops the `--`: the login before it, and the command after it. */
export function splitWords(argv: readonly string[], operands: readonly string[]) {
  const at = argv.indexOf("--");
  const command = at === -1 ? [] : argv.slice(at + 1);
  const before = operands.slice(0, operands.length - command.length);
  if (before.length > 1) throw usage(`unexpected argument "${before[1]}": put the command after --`);
  return { name: before[0], command };
}
