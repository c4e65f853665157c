import { basename } from "node:path";

/** What comments, titles of tests and documents cite of docs/spec, and what is defined there. */
export interface Text {
  readonly path: string;
  readonly text: string;
}

export interface Place {
  readonly path: string;
  readonly line: number;
}

export interface Citation extends Place {
  /** `OA-16`, `oauthapp.md 5.2`, `faults.md technique 7`, `ARCHITECTURE.md invariant 2`. */
  readonly what: string;
}

const NUMBER = /(?:[A-Z][A-Z0-9]*-[A-Z]?\d{1,3}|(?:[A-Z]|h)\d{1,2})/;
/** The one form of a definition: a row whose first cell is the number. */
const DEFINITION = new RegExp(`^\\|\\s*(${NUMBER.source})\\s*\\|`);

/** Number → where it is defined. */
export function definedRules(documents: readonly Text[]): ReadonlyMap<string, readonly Place[]> {
  const all = documents.flatMap(({ path, text }) =>
    text.split("\n").flatMap((line, index) => {
      const number = DEFINITION.exec(line)?.[1];
      return number ? [{ number, path, line: index + 1 }] : [];
    }),
  );
  return Map.groupBy(all, ({ number }) => number);
}

/** `oauthapp.md 5.2`, `faults.md technique 7` by the headings, `ARCHITECTURE.md invariant 2` by its list. */
export function definedSections(documents: readonly Text[]): ReadonlySet<string> {
  return new Set(
    documents.flatMap(({ path, text }) => [
      ...[...text.matchAll(/^#+ (\d+(?:\.\d+)*)\.? /gm)].map(([, number]) => `${basename(path)} ${number}`),
      ...[...text.matchAll(/^#+ Technique (\d+):/gm)].map(([, number]) => `${basename(path)} technique ${number}`),
      ...invariants(text).map((number) => `${basename(path)} invariant ${number}`),
    ]),
  );
}

function invariants(text: string): readonly string[] {
  const list = /^## Invariants\n([\s\S]*?)(?=^## |$(?![\s\S]))/m.exec(text)?.[1] ?? "";
  return [...list.matchAll(/^(\d+)\. /gm)].map(([, number]) => number ?? "");
}

/** The shapes that rule numbers have, from those that are defined, so that nobody keeps a list of prefixes. */
export interface Shapes {
  /** `OA-16`, `MX-D12`: nothing else looks like this. */
  readonly hyphened: RegExp;
  /** `D12`, `A1`: much else looks like this, so only where numbers stand, and only as many digits as are used. */
  readonly bare: RegExp;
}

export function shapesOf(rules: Iterable<string>): Shapes {
  const hyphened = new Set<string>();
  const bare = new Set<string>();
  for (const rule of rules) {
    const [, prefix = "", digits = ""] = /^(.*?)(\d+)$/.exec(rule) ?? [];
    if (prefix.includes("-")) hyphened.add(`${prefix}\\d+`);
    else bare.add(`${prefix}\\d{${digits.length}}`);
  }
  return { hyphened: whole(hyphened), bare: whole(bare) };
}

function whole(alternatives: ReadonlySet<string>): RegExp {
  return new RegExp(`(?<![\\w-])(?:${[...alternatives].join("|")})(?![\\w-])`, "g");
}

export function citedRules(file: Text, shapes: Shapes): readonly Citation[] {
  const lines = file.path.endsWith(".md") ? proseOf(file.text) : file.text.split("\n");
  return lines.flatMap((line, index) => {
    const bare = file.path.endsWith(".md") ? line : commentOf(line);
    const titles = file.path.startsWith("test/") ? titlesOf(line, shapes) : [];
    const numbers = [...found(line, shapes.hyphened), ...found(bare, shapes.bare), ...titles];
    return [...new Set(numbers)].map((what) => ({ path: file.path, line: index + 1, what }));
  });
}

function found(text: string, shape: RegExp): readonly string[] {
  return [...text.matchAll(shape)].map(([number]) => number);
}

/** Markdown without what is code, where paths of drawings and names of tenants look like numbers. */
function proseOf(text: string): readonly string[] {
  const blank = (code: string) => code.replaceAll(/[^\n]/g, " ");
  return text
    .replaceAll(/^```[\s\S]*?^```/gm, blank)
    .replaceAll(/`[^`\n]*`/g, blank)
    .split("\n")
    .map((line) => (line.startsWith("    ") ? "" : line));
}

function commentOf(line: string): string {
  const match = /^\s*(?:\/\/|\/?\*+)\s(.*)$|\s\/\/\s(.*)$|\/\*\*?\s(.*)$/.exec(line);
  return match?.slice(1).find((part) => part !== undefined) ?? "";
}

/** The numbers that a title begins with. Behind `test(` also such as no document has any of the kind. */
function titlesOf(line: string, shapes: Shapes): readonly string[] {
  return [...line.matchAll(/(test\(\s*)?(?<!=)["'`]((?:[A-Zh][A-Z0-9]*(?:-[A-Z]?)?\d+[\s,:–…"'`]+)+)/g)].flatMap(
    ([, isTest, numbers = ""]) =>
      (numbers.match(/[A-Zh][A-Z0-9-]*\d+/g) ?? []).filter(
        (number) => found(number, shapes.bare).length > 0 || (isTest && /^[A-Z][A-Z0-9]+-[A-Z]?\d{1,2}$/.test(number)),
      ),
  );
}

const DOCUMENT =
  /(?<![\w/.-])((?:docs\/spec\/)?[\w-]+\.md)`?(?=[\s,*/]*(?:sections?|techniques?|invariants?|\d|[A-Z]))/g;
/** What follows a document: `section 3, technique 7`, `5.2, 6`, `MX-C1, MX-C2`, `invariants 2 and 10`. */
const NEXT = new RegExp(
  `[\\s*/]*(?:(?:[,–…]|and|to)[\\s*/]*)?(?:(section|technique|invariant)s?[\\s*/]+)?(${NUMBER.source}|\\d+(?:\\.\\d+)*)(?![\\w])`,
  "y",
);

export function citedSections({ path, text }: Text): readonly Citation[] {
  const after = [...text.matchAll(DOCUMENT)].flatMap((match) =>
    chain(text, match.index + match[0].length).map((cited) => ({
      path,
      line: lineAt(text, match.index),
      what: `${basename(match[1] ?? "")} ${cited}`,
    })),
  );
  const alone = [...text.matchAll(/\b[Ii]nvariants? (\d+)/g)].map((match) => ({
    path,
    line: lineAt(text, match.index),
    what: `ARCHITECTURE.md invariant ${match[1]}`,
  }));
  return [...after, ...alone];
}

function chain(text: string, from: number): readonly string[] {
  const cited: string[] = [];
  let kind = "section";
  NEXT.lastIndex = from;
  for (let match = NEXT.exec(text); match; match = NEXT.exec(text)) {
    const [, ownKind, number = ""] = match;
    kind = ownKind ?? kind;
    if (/^\d/.test(number)) cited.push(kind === "section" ? number : `${kind} ${number}`);
  }
  return cited;
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}
