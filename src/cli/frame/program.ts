import { Command, CommanderError } from "commander";
import { VERSION } from "../../process/version.ts";
import { exampleText, helpOf, wordFirst } from "./command.ts";
import { CliError, EXIT, failureOf } from "./fail.ts";
import { createOutput } from "./output.ts";

export type Commands = Readonly<Record<string, () => Promise<Command>>>;

/** Runs the command that the arguments name; all commands are loaded only to be listed, or when none has that name. */
export async function runProgram(commands: Commands, given: readonly string[]): Promise<void> {
  const [name = "", ...more] = wordFirst(given);
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  const json = isJson(given);
  const program = await buildProgram(load ? [load] : Object.values(commands), json);
  const isGroup = load !== undefined && program.commands.some((one) => one.commands.length > 0);
  const args = name === "" ? more : [name, ...(isGroup ? wordFirst(more) : more)];
  await program.parseAsync(args, { from: "user" }).catch((error: unknown) => {
    // What commander refuses it has said itself.
    if (error instanceof CommanderError) return;
    const failure = failureOf(error);
    createOutput({ json }).fail(failure);
    process.exitCode = failure.exit;
  });
}

/** Behind -- everything is another program's. */
function isJson(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  return args.slice(0, end === -1 ? undefined : end).includes("--json");
}

export async function buildProgram(loads: readonly (() => Promise<Command>)[], json = false): Promise<Command> {
  const program = new Command("coatcheck")
    .description("An OAuth credential broker for programs without a browser.")
    .version(VERSION, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .enablePositionalOptions()
    .addHelpText(
      "before",
      exampleText([
        ["coatcheck login github", "sign in: show a code and an address"],
        ["coatcheck token github", "print a current access token"],
        ["coatcheck exec github -- COMMAND", "run a command with the token in COATCHECK_TOKEN"],
        ["coatcheck serve --dev", "try the broker, with a demo authorization server"],
      ]),
    );
  for (const load of loads) program.addCommand(await load());
  prepare(program, json);
  return program;
}

/** Exit code 2 is for usage (unknown option, bad value), said in one line with the nearest name. */
function prepare(command: Command, json: boolean): void {
  command
    .showSuggestionAfterError(true)
    .configureOutput({ outputError: (text) => sayUsage(command, hinted(command, oneLine(text)), json) })
    .exitOverride((error) => {
      process.exitCode = error.exitCode === 0 ? 0 : EXIT.usage;
      throw error;
    });
  for (const one of command.commands) prepare(one, json);
}

function sayUsage(command: Command, line: string, json: boolean): void {
  createOutput({ json }).fail(new CliError("usage", line), helpOf(command));
}

/** What other programs call it. */
const SAME: readonly (readonly [words: RegExp, here: readonly string[]])[] = [
  [/^(delete|del|remove|rm|revoke|end|logout)$/, ["rm", "end", "logout"]],
  [/^(ls|list|all)$/, ["list"]],
  [/^(get|read|info|show|view)$/, ["show", "status"]],
  [/^(create|new|set|write|update|add)$/, ["add"]],
];

/** Another word for a command of this group: commander knows misspelt ones alone. */
function hinted({ commands }: Command, line: string): string {
  const [, word = ""] = /^unknown command '([^']*)'$/.exec(line) ?? [];
  const here = SAME.find(([words]) => words.test(word))?.[1] ?? [];
  const found = here.find((name) => commands.some((one) => one.name() === name));
  return found === undefined ? line : `${line} (Did you mean ${found}?)`;
}

function oneLine(text: string): string {
  return text
    .trim()
    .replace(/^error: /, "")
    .replaceAll(/\s*\n\s*/g, " ");
}
