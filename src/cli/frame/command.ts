/**
 * What every command is made of: options, examples, one way to speak and to fail. Nothing in this room reaches a broker.
 * This file and program.ts load commander, so only commands import them: the callers of helpers would wait for it.
 */
import { resolve } from "node:path";
import { Command, Option } from "commander";
import { override } from "./environment.ts";
import { EXIT, failureOf } from "./fail.ts";
import { type CommonFlags, createOutput, type Output } from "./output.ts";
import { readSecretFiles } from "./secret-files.ts";

type Example = readonly [command: string, explanation: string];

/** A command that talks to a broker. */
export function define(name: string, summary: string, examples: readonly Example[]): Command {
  return withOptions(group(name, summary, examples), [...ofEveryCommand(), ...ofTheBroker()]);
}

/** A command that talks to none. */
export function defineHere(name: string, summary: string, examples: readonly Example[]): Command {
  return withOptions(group(name, summary, examples), ofEveryCommand());
}

function ofTheBroker(): readonly Option[] {
  return [
    new Option("--addr <address>", "the broker: https://… or unix:PATH (COATCHECK_ADDR)"),
    new Option("--ca-file <path>", "certificates of authorities to trust as well, in PEM (COATCHECK_CA_FILE)"),
  ];
}

function ofEveryCommand(): readonly Option[] {
  return [
    new Option("--json", "print one JSON object per line, errors included"),
    new Option("--plain", "no colour and no redrawing, one line per event"),
    new Option("--color <when>", "when to use colour").choices(["auto", "always", "never"]).default("auto"),
    new Option("--no-input", "never prompt; fail if something is missing"),
    new Option("--verbose", "print every request"),
  ];
}

/** `--json status` as `status --json`: options of every command may stand before its name; the first word comes first. */
export function wordFirst(args: readonly string[]): readonly string[] {
  const options = [...ofEveryCommand(), ...ofTheBroker()];
  let at = 0;
  for (let known = true; known; ) {
    const [name, value] = (args[at] ?? "").split(/=(.*)/s);
    const option = options.find(({ long }) => long === name);
    known = option !== undefined;
    if (option) at += option.required && value === undefined ? 2 : 1;
  }
  const [word, ...rest] = args.slice(at);
  if (word === undefined || word.startsWith("-")) return args.slice(at);
  return [word, ...args.slice(0, at), ...rest];
}

function withOptions(command: Command, options: readonly Option[]): Command {
  command.optionsGroup("Options of every command:");
  for (const option of options) command.addOption(option);
  return command.helpOption("-h, --help", "print this help").optionsGroup("Options:");
}

/** A command of commands. */
export function group(name: string, summary: string, examples: readonly Example[]): Command {
  const command = new Command(name).description(summary).helpOption("-h, --help", "print this help");
  return examples.length === 0 ? command : command.addHelpText("before", exampleText(examples));
}

export function exampleText(examples: readonly Example[]): string {
  const width = Math.max(0, ...examples.map(([command]) => command.length)) + 2;
  const lines = examples.map(([command, explanation]) => `  ${command.padEnd(width)}${explanation}`.trimEnd());
  return `Examples:\n${lines.join("\n")}\n`;
}

export type Work<Flags> = (out: Output, args: readonly string[], flags: Flags & CommonFlags) => Promise<void>;

/** The action of a command: its failures are said the way it was asked to speak, and become its exit code. */
export function run<Flags = CommonFlags>(work: Work<Flags>): (...all: unknown[]) => Promise<void> {
  return async (...all) => {
    const command = all.at(-1) as Command;
    const flags = command.opts<Flags & CommonFlags>();
    const out = createOutput(flags);
    if (flags.caFile !== undefined) override("COATCHECK_CA_FILE", resolve(flags.caFile));
    try {
      readSecretFiles();
      await work(out, command.args, flags);
    } catch (error) {
      const failure = failureOf(error);
      out.fail(failure, failure.exit === EXIT.usage ? helpOf(command) : undefined);
      process.exitCode = failure.exit;
    }
  };
}

/** The command that explains a command: coatcheck server add --help. */
export function helpOf(command: Command): readonly string[] {
  const path: string[] = [];
  for (let one: Command | null = command; one; one = one.parent) path.unshift(one.name());
  return [...path, "--help"];
}
