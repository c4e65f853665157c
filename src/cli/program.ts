import { Command, CommanderError } from "commander";
import { VERSION } from "../version.ts";
import { EXIT, failureOf } from "./fail.ts";

export type Commands = Readonly<Record<string, () => Promise<Command>>>;

/** Runs the command that the arguments name; all commands are loaded only to be listed, or when none has that name. */
export async function runProgram(commands: Commands, args: readonly string[]): Promise<void> {
  const load = commands[args[0] ?? ""];
  const program = await buildProgram(load ? [load] : Object.values(commands));
  await program.parseAsync(args, { from: "user" }).catch((error: unknown) => {
    // What commander refuses it has said itself.
    if (!(error instanceof CommanderError)) process.stderr.write(`coatcheck: ${failureOf(error).message}\n`);
    process.exitCode ??= failureOf(error).exit;
  });
}

export async function buildProgram(loads: readonly (() => Promise<Command>)[]): Promise<Command> {
  const program = new Command("coatcheck")
    .description("An OAuth credential broker for programs without a browser.")
    .version(VERSION, "-V, --version")
    .enablePositionalOptions();
  for (const load of loads) program.addCommand(await load());
  prepare(program);
  return program;
}

/** Exit code 2 is for usage (unknown option, bad value), said in one line with the nearest name. */
function prepare(command: Command): void {
  command
    .showSuggestionAfterError(true)
    .configureOutput({ outputError: (text, write) => write(oneLine(text)) })
    .exitOverride((error) => {
      process.exitCode = error.exitCode === 0 ? 0 : EXIT.usage;
      throw error;
    });
  for (const one of command.commands) prepare(one);
}

function oneLine(text: string): string {
  const line = text
    .trim()
    .replace(/^error: /, "")
    .replaceAll(/\s*\n\s*/g, " ");
  if (process.argv.includes("--json")) {
    process.stdout.write(`${JSON.stringify({ error: { code: "usage", message: line } })}\n`);
    return "";
  }
  return `coatcheck: ${line}\n`;
}
