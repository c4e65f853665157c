import { styleText } from "node:util";
import { type Environment, environment } from "./environment.ts";
import type { CliError } from "./fail.ts";
import { knowsLinks } from "./links.ts";
import { visible, visibleJson, visibleLines } from "./visible.ts";

/** Options of every command, as typed. */
export interface CommonFlags {
  readonly json?: boolean;
  readonly plain?: boolean;
  readonly color?: "auto" | "always" | "never";
  readonly input?: boolean;
  readonly verbose?: boolean;
  readonly addr?: string;
  readonly caFile?: string;
}

type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";

/** One line, or several: a line break within one is shown, as is everything else that would drive a terminal (ST-8). */
export type Lines = string | readonly string[];

/** What a command says: the result to stdout, everything for a person to stderr. Nothing else in `cli/` says foreign texts. */
export interface Output {
  readonly json: boolean;
  /** No colour, no redrawing, one line per event. */
  readonly plain: boolean;
  /** Somebody is there who can answer, and may be asked. */
  readonly interactive: boolean;
  readonly verbose: boolean;
  /** The result, as text or, with --json, as one line. */
  result(text: Lines, object: unknown): void;
  /** A result that programs read as it is, like a token alone; only on a terminal it is shown as other texts are. */
  value(text: string, object: unknown): void;
  /** One line of JSON, only with --json. */
  event(object: unknown): void;
  /** For a person: not with --json. */
  note(text: Lines): void;
  /** The same of a picture of ours, which drives the terminal. */
  draw(lines: readonly string[]): void;
  warn(text: string): void;
  /** For what a person reads on stderr. */
  style(style: Style, text: string): string;
  /** An address on stderr, to be clicked where the terminal knows links; the text is the address in any case. */
  link(address: string): string;
  /** For a result: stdout may be a file while stderr is a terminal. */
  resultStyle(style: Style, text: string): string;
  /** `help` is what a program runs next where the error itself names nothing. */
  fail(error: CliError, help?: readonly string[]): void;
}

export function createOutput(flags: CommonFlags, env: Environment = environment()): Output {
  const terminal = process.stderr.isTTY === true;
  const json = flags.json === true;
  const plain = isPlain(flags, env) || !terminal || env.TERM === "dumb";
  const style = styleFor(useColour(flags, env, terminal));
  const draw = (lines: readonly string[]) => void (json || process.stderr.write(ended(lines)));
  const note = (text: Lines) => draw(shown(text));
  const print = (line: string) => void process.stdout.write(`${line}\n`);
  const event = (object: unknown) => void (json && print(visibleJson(object)));
  return {
    json,
    plain: plain || json,
    interactive: !json && terminal && mayAsk(flags, env),
    verbose: flags.verbose === true,
    result: (text, object) => (json ? event(object) : void process.stdout.write(ended(shown(text)))),
    value: (text, object) => (json ? event(object) : print(process.stdout.isTTY ? visibleLines(text) : text)),
    event,
    note,
    draw,
    warn: (text) => note(`${style("yellow", "warning:")} ${text}`),
    style,
    link: !plain && !json && knowsLinks(env) ? linked : (address) => address,
    resultStyle: styleFor(!json && useColour(flags, env, process.stdout.isTTY === true)),
    fail: ({ code, message, next }, help) => {
      if (json) return event(errorObject(code, message, next ?? help));
      note(`${style("red", "coatcheck:")} ${message}`);
      if (next) note(`  run: ${shellWords(next)}`);
    },
  };
}

/** Every error as programs read it. */
function errorObject(code: string, message: string, next: readonly string[] | undefined): object {
  return { error: { code, message, ...(next && { next }) } };
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "" && value !== "0" && value !== "false";
}

function mayAsk(flags: CommonFlags, env: Environment): boolean {
  if (process.stdin.isTTY !== true || flags.input === false) return false;
  return !isSet(env.CI) && !isSet(env.COATCHECK_PROMPT_DISABLED) && env.GIT_TERMINAL_PROMPT !== "0";
}

function isPlain(flags: CommonFlags, env: Environment): boolean {
  return flags.plain === true || isSet(env.COATCHECK_PLAIN);
}

function ended(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}

/** Stands for the escape character of our own styles, until the text around them has been made visible: nobody else knows it. */
let mark: string | undefined;

function shown(text: Lines): readonly string[] {
  const lines = (typeof text === "string" ? [text] : text).map(visible);
  return mark === undefined ? lines : lines.map((line) => line.replaceAll(mark ?? "", "\x1b"));
}

function styleFor(colour: boolean) {
  return (name: Style, text: string) => {
    if (!colour) return text;
    const [on = "", off = ""] = styleText(name, "\n", { validateStream: false })
      .replaceAll("\x1b", escapeMark())
      .split("\n");
    return on + text + off;
  };
}

function escapeMark(): string {
  mark ??= crypto.randomUUID();
  return mark;
}

/** OSC 8, as terminals agreed on it: https://gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda */
function linked(address: string): string {
  const to = (target: string) => `${escapeMark()}]8;;${target}${escapeMark()}\\`;
  return /^https?:$/.test(URL.parse(address)?.protocol ?? "") ? `${to(address)}${address}${to("")}` : address;
}

/** Whether a stream gets colour; the first that says something wins. */
export function useColour(flags: CommonFlags, env: Environment, isTerminal: boolean): boolean {
  if (flags.color === "always" || flags.color === "never") return flags.color === "always";
  if (isPlain(flags, env) || env.NO_COLOR || env.CLICOLOR === "0") return false;
  if (env.CLICOLOR_FORCE && env.CLICOLOR_FORCE !== "0") return true;
  return isTerminal && env.TERM !== "dumb";
}

/** As it can be pasted into a shell. */
export function shellWords(words: readonly string[]): string {
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(" ");
}
