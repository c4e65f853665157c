/** How the text of another program's file is changed by place: what is not ours stays as it is, byte for byte. */

/** Text that goes into a file; nothing of the file goes away. */
export interface Insertion {
  /** Offset in the text before. */
  readonly at: number;
  readonly text: string;
}

/** A part of a text: offsets, the second behind its end. */
export type Range = readonly [from: number, to: number];

/** One format of files: what is in them, and where. Each function throws a `SyntaxError` for a text that it cannot read. */
export interface Format {
  /** What the text says; `undefined` for one that says nothing. */
  read(text: string): unknown;
  /** What makes `path` have this value. The path must not be there; its beginnings may be. */
  insert(text: string, path: readonly string[], value: Entry): readonly Insertion[];
  /** What must go so that `path` is not there; nothing if it is not. */
  remove(text: string, path: readonly string[]): readonly Range[];
}

/** What an agent's file says of one server: texts, numbers, lists of texts, and tables of texts. */
export type Entry = Readonly<
  Record<string, string | number | boolean | readonly string[] | Readonly<Record<string, string>>>
>;

/** The text with the insertions, and where they are in it. */
export function insertInto(text: string, insertions: readonly Insertion[]) {
  let after = "";
  let from = 0;
  const ranges: Range[] = [];
  for (const { at, text: more } of insertions) {
    after += text.slice(from, at);
    ranges.push([after.length, after.length + more.length]);
    after += more;
    from = at;
  }
  return { text: after + text.slice(from), ranges };
}

export function withoutRanges(text: string, ranges: readonly Range[]): string {
  return [...ranges].sort(([a], [b]) => b - a).reduce((left, [from, to]) => left.slice(0, from) + left.slice(to), text);
}

/** How lines end there: as the first one does. */
export function lineEnd(text: string): string {
  return /\r?\n/.exec(text)?.[0] ?? "\n";
}

/** Where the line of an offset begins. */
export function lineStart(text: string, at: number): number {
  return text.lastIndexOf("\n", at - 1) + 1;
}

/** The blanks before what stands first in its line; `undefined` if it is not the first. */
export function indentBefore(text: string, at: number): string | undefined {
  const before = text.slice(lineStart(text, at), at);
  return /^[ \t]*$/.test(before) ? before : undefined;
}

/** The value at a path. */
export function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((now, key) => (isTable(now) && Object.hasOwn(now, key) ? now[key] : undefined), value);
}

export function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A path that is there and is not what it should be. */
export function notATable(path: readonly string[]): SyntaxError {
  return new SyntaxError(`${path.length === 0 ? "the whole file" : path.join(".")} is not a table of names and values`);
}
