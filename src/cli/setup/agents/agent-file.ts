/** An agent's file: our entry goes in and comes out, and everything else stays as it is, byte for byte. */
import { isDeepStrictEqual } from "node:util";
import { CliError } from "../../frame/fail.ts";
import type { Agent } from "./agents.ts";
import { type Entry, type Format, insertInto, isTable, valueAt, withoutRanges } from "./edits.ts";
import { digestOf, type Written } from "./records.ts";

export interface Changed {
  readonly text: string;
  readonly written: Written;
  /** What is added. */
  readonly added: readonly string[];
}

/** Loads one format: what reads YAML and TOML is large, and each agent wants one of them. */
export async function formatOf({ format }: Agent): Promise<Format> {
  if (format === "json") return (await import("./json.ts")).json;
  return format === "toml" ? (await import("./toml.ts")).toml : (await import("./yaml.ts")).yaml;
}

/** Where the entry stands: in the inner table where the file has that one, which is no server of that name. */
export function pathOf({ table, inner }: Agent, format: Format, text: string, name: string): readonly string[] {
  if (inner === undefined) return [...table, name];
  const found = valueAt(format.read(text), [...table, inner]);
  return isTable(found) && typeof found.type !== "string" ? [...table, inner, name] : [...table, name];
}

/** The file with our entry, in the place of an earlier one of ours. Throws where somebody else's has that name. */
export function withEntry(
  file: string,
  format: Format,
  path: readonly string[],
  value: Entry,
  found: string | undefined,
  earlier: Written | undefined,
): Changed {
  return reading(file, () => {
    const before = earlier ? (withoutEntry(file, format, path, found, earlier) ?? "") : (found ?? "");
    const is = format.read(before);
    if (valueAt(is, path) !== undefined) throw taken(file, path);
    const insertions = format.insert(before, path, value);
    const { text, ranges } = insertInto(before, insertions);
    requireSame(file, withValue(is, path, value), format.read(text));
    const added = insertions
      .flatMap((one) => one.text.split(/\r?\n/))
      .filter((line) => line.trim() !== "" && line !== ",");
    return { text, added, written: { sha256: digestOf(text), ranges, isNew: earlier?.isNew ?? found === undefined } };
  });
}

/**
 * The file without our entry; `undefined`: it goes, because there was none. As we left it, it becomes what it was before; else
 * only the entry goes.
 */
export function withoutEntry(
  file: string,
  format: Format,
  path: readonly string[],
  found: string | undefined,
  { sha256, ranges, isNew }: Written,
): string | undefined {
  if (found === undefined) return undefined;
  if (digestOf(found) === sha256) return isNew ? undefined : withoutRanges(found, ranges);
  return reading(file, () => {
    const before = format.read(found);
    const value = valueAt(before, path);
    if (value === undefined) return found;
    const text = withoutRanges(found, format.remove(found, path));
    const after = format.read(text);
    requireSame(file, before, valueAt(after, path) === undefined ? withValue(after, path, value) : undefined);
    return text;
  });
}

function reading<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new CliError("file_unreadable", `${file} is left as it is, for ${error.message}: correct it first`);
  }
}

function taken(file: string, path: readonly string[]): CliError {
  const message = `${file} already has "${path.at(-1)}": remove it there first, or give the login another name`;
  return new CliError("taken", message);
}

/** What was not foreseen changes nothing. */
function requireSame(file: string, expected: unknown, is: unknown): void {
  if (isDeepStrictEqual(structuredClone(expected), structuredClone(is))) return;
  const message = `${file} has a form in which the entry cannot be changed without changing more: change it by hand`;
  throw new CliError("file_unreadable", message, { next: ["coatcheck", "setup", "--help"] });
}

function withValue(value: unknown, [key, ...path]: readonly string[], entry: unknown): unknown {
  if (key === undefined) return entry;
  const table = isTable(value) ? value : {};
  return { ...table, [key]: withValue(table[key], path, entry) };
}
