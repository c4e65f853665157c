import { type AST, getStaticTOMLValue, parseTOML } from "toml-eslint-parser";
import { type Format, isTable, lineEnd, lineStart, type Range } from "./edits.ts";

/** TOML 1.0: a table of ours goes to the end, where it changes the meaning of nothing. */
export const toml: Format = {
  read: (text) => getStaticTOMLValue(parsed(text)),
  insert: (text, path, value) => {
    parsed(text);
    const newLine = lineEnd(text);
    const gap = (text === "" || text.endsWith("\n") ? "" : newLine) + (text.trim() === "" ? "" : newLine);
    const lines = [`[${path.map(keyOf).join(".")}]`, ...Object.entries(value).map(lineOf)];
    return [{ at: text.length, text: `${gap}${lines.join(newLine)}${newLine}` }];
  },
  remove: (text, path) => {
    const [{ body }] = parsed(text).body;
    const ours = body.filter((node): node is AST.TOMLTable => node.type === "TOMLTable" && isBelow(node, path));
    return ours.map(({ range: [from, to] }) => wholeLines(text, from, to));
  },
};

function parsed(text: string): AST.TOMLProgram {
  try {
    return parseTOML(text, { tomlVersion: "1.0" });
  } catch (error) {
    throw new SyntaxError(`it is not valid TOML: ${(error as Error).message}`);
  }
}

/** A table of that path, or of one below it. */
function isBelow({ resolvedKey }: AST.TOMLTable, path: readonly string[]): boolean {
  return path.every((key, index) => resolvedKey[index] === key);
}

/** The lines of a part, and one blank line before them. */
function wholeLines(text: string, from: number, to: number): Range {
  const start = lineStart(text, from);
  const end = text.indexOf("\n", to);
  const blank = /(?:^|\n)(\r?\n)$/.exec(text.slice(0, start))?.[1]?.length ?? 0;
  return [start - blank, end === -1 ? text.length : end + 1];
}

const keyOf = (key: string) => (/^[\w-]+$/.test(key) ? key : textOf(key));

const lineOf = ([key, value]: readonly [string, unknown]) => `${keyOf(key)} = ${literal(value)}`;

function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (isTable(value)) return `{ ${Object.entries(value).map(lineOf).join(", ")} }`;
  return typeof value === "string" ? textOf(value) : String(value);
}

/** A basic string has the escapes of JSON; DEL is the only other character that wants one. */
function textOf(text: string): string {
  return JSON.stringify(text).replaceAll("\x7f", "\\u007F");
}
