import { Command } from "commander";
import { failureOf } from "./fail.ts";
import { type CommonFlags, createOutput, type Output } from "./output.ts";

export type Example = readonly [command: string, explanation: string];

/** A command with what every one has: examples first in its help, and the common options. */
export function define(name: string, summary: string, examples: readonly Example[]): Command {
  return group(name, summary, examples)
    .optionsGroup("Options of every command:")
    .option("--json", "one JSON object per line, errors too")
    .option("--plain", "no colour, no redrawing, one line per event")
    .option("--color <when>", "auto, always or never", "auto")
    .option("--no-input", "never ask; what is missing ends the command")
    .option("--verbose", "say every request")
    .option("--addr <address>", "the broker: https://… or unix:PATH (COATCHECK_ADDR)")
    .helpOption("-h, --help", "this text")
    .optionsGroup("Options:");
}

/** A command of commands. */
export function group(name: string, summary: string, examples: readonly Example[]): Command {
  const width = Math.max(0, ...examples.map(([command]) => command.length)) + 2;
  const lines = examples.map(([command, explanation]) => `  ${command.padEnd(width)}${explanation}`.trimEnd());
  const command = new Command(name).description(summary);
  return lines.length === 0 ? command : command.addHelpText("before", `Examples:\n${lines.join("\n")}\n`);
}

export type Work<Flags> = (out: Output, args: readonly string[], flags: Flags & CommonFlags) => Promise<void>;

/** The action of a command: its failures are said the way it was asked to speak, and become its exit code. */
export function run<Flags = CommonFlags>(work: Work<Flags>): (...all: unknown[]) => Promise<void> {
  return async (...all) => {
    const command = all.at(-1) as Command;
    const flags = command.opts<Flags & CommonFlags>();
    const out = createOutput(flags);
    quietPipe();
    try {
      await work(out, command.args, flags);
    } catch (error) {
      const failure = failureOf(error);
      out.fail(failure);
      process.exitCode = failure.exit;
    }
  };
}

/** Who reads our output may have seen enough. */
function quietPipe(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));
  }
}
