import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { COMMANDS } from "../src/cli/commands.ts";
import { buildProgram } from "../src/cli/frame/program.ts";
import { VERSION } from "../src/process/version.ts";

/** coatcheck(1): what `--help` of every command says, and the tables of docs/cli.md; in the language of man(7). */
export async function manPage(): Promise<string> {
  const program = await buildProgram(Object.values(COMMANDS));
  const cli = readFileSync(join(import.meta.dirname, "../docs/cli.md"), "utf8");
  const commands = program
    .createHelp()
    .visibleCommands(program)
    .filter((command) => command.name() !== "help");
  const lines = [
    `.TH COATCHECK 1 "" "coatcheck ${VERSION}" "Coatcheck"`,
    ".SH NAME",
    `coatcheck \\- ${text(firstLower(program.description().replace(/\.$/, "")))}`,
    ".SH SYNOPSIS",
    "\\fBcoatcheck\\fR \\fICOMMAND\\fR [\\fIOPTIONS\\fR]",
    ".SH DESCRIPTION",
    text("A person approves access once; from then on programs ask for a current access token by name."),
    ...examples(program),
    ".SH COMMANDS",
    ...commands.flatMap((command) => section(command, [])),
    ".SH OPTIONS OF EVERY COMMAND",
    ...options(commands[0] as Command, true),
    ".SH EXIT STATUS",
    ...table(cli, "Exit code"),
    ".SH ENVIRONMENT",
    ...table(cli, "Variable"),
    ".SH FILES",
    ...table(cli, "File"),
    ".SH SEE ALSO",
    text("coatcheck serve --help, and the folder docs of the package: operations.md, cli.md, api.md"),
  ];
  return `${lines.join("\n")}\n`;
}

function section(command: Command, above: readonly string[]): readonly string[] {
  const help = command.createHelp();
  const path = [...above, command.name()];
  const own = [
    `.SS ${text(path.join(" "))}`,
    `\\fB${text(help.commandUsage(command))}\\fR`,
    ".PP",
    text(help.commandDescription(command)),
    ...help.visibleArguments(command).flatMap((one) => item(help.argumentTerm(one), help.argumentDescription(one))),
    ...options(command, false),
    ...examples(command),
  ];
  const below = help.visibleCommands(command).filter((one) => one.name() !== "help");
  return [...own, ...below.flatMap((one) => section(one, path))];
}

const EVERY = "Options of every command:";

function options(command: Command, ofEvery: boolean): readonly string[] {
  const help = command.createHelp();
  const shown = help.visibleOptions(command).filter(({ long }) => ofEvery || long !== "--help");
  const wanted = shown.filter((one) => (one.helpGroupHeading === EVERY || one.long === "--help") === ofEvery);
  return wanted.flatMap((one) => item(help.optionTerm(one), help.optionDescription(one)));
}

const item = (term: string, description: string): readonly string[] => [
  ".TP",
  `\\fB${text(term)}\\fR`,
  text(description),
];

/** What stands before a command's usage. */
function examples(command: Command): readonly string[] {
  let said = "";
  command.configureOutput({ writeOut: (part) => (said += part) });
  command.outputHelp();
  const before =
    said
      .split(/^Usage:/m)[0]
      ?.trim()
      .split("\n")
      .slice(1) ?? [];
  return before.length === 0 ? [] : [".PP", "Examples:", ".PP", ".nf", ...before.map(text), ".fi"];
}

/** The table of a document whose first heading is this. */
function table(markdown: string, heading: string): readonly string[] {
  const rows = new RegExp(`^\\| ${heading} \\|.*\\n\\|[ |-]+\\n((?:\\|.*\\n)+)`, "m").exec(markdown)?.[1];
  if (rows === undefined) throw new Error(`docs/cli.md has no table "${heading}"`);
  return rows
    .trim()
    .split("\n")
    .flatMap((row) => {
      const [term = "", means = ""] = row
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => plain(cell.trim()));
      return item(term, means);
    });
}

const plain = (cell: string): string => cell.replaceAll(/`|\*\*/g, "").replaceAll(/\[([^\]]+)\]\([^)]+\)/g, "$1");

const firstLower = (sentence: string): string => sentence.charAt(0).toLowerCase() + sentence.slice(1);

/** No command of man(7): neither a backslash nor the first sign of a line. */
const text = (words: string): string =>
  words
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replaceAll("\n", " ")
    .replace(/^(?=[.'])/, "\\&");
