import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { citedRules, citedSections, definedRules, definedSections, shapesOf, type Text } from "./support/citations.ts";

/** Whoever reads a number in a comment or in a title must find what it means. */
const root = join(import.meta.dirname, "..");
const SPEC = "docs/spec/*.md";
const CITING = ["{src,test,scripts,bin,examples}/**/*.{ts,js}", "*.md", "docs/*.md", SPEC];

/** Here numbers that do not exist are written on purpose. */
const SELF = "test/spec.test.ts";

function read(...patterns: readonly string[]): readonly Text[] {
  return globSync(patterns, { cwd: root })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => path !== SELF)
    .sort()
    .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
}

const documents = read(SPEC);
const citing = read(...CITING);
const rules = definedRules(documents);
const sections = definedSections([...documents, ...read("ARCHITECTURE.md")]);
const shapes = shapesOf(rules.keys());

test("every rule number that is cited is defined in docs/spec, by a row whose first cell it is", () => {
  const missing = citing
    .flatMap((file) => citedRules(file, shapes))
    .filter(({ what }) => !rules.has(what))
    .map(({ path, line, what }) => `${path}:${line} cites ${what}`);
  assert.deepEqual(missing, []);
});

test("every section, technique and invariant that is cited is a heading of its document, or in the list of invariants", () => {
  const missing = citing
    .flatMap(citedSections)
    .filter(({ what }) => !sections.has(what))
    .map(({ path, line, what }) => `${path}:${line} cites ${what}`);
  assert.deepEqual(missing, []);
});

test("a rule number is defined once", () => {
  const twice = [...rules]
    .filter(([, places]) => places.length > 1)
    .map(([number, places]) => `${number}: ${places.map(({ path, line }) => `${path}:${line}`).join(", ")}`);
  assert.deepEqual(twice, []);
});

test("the index of docs/spec names every document there", () => {
  const index = documents.find(({ path }) => path.endsWith("/README.md"))?.text ?? "";
  const names = documents.map(({ path }) => path.slice("docs/spec/".length)).filter((name) => name !== "README.md");
  assert.deepEqual(
    names.filter((name) => !index.includes(`](${name})`)),
    [],
  );
});

/** Numbers of rules in the titles of tests. */
const titles = read("test/**/*.ts").flatMap(({ text }) => text.match(/["'`][^"'`\n]*\b[A-Z]+-?\d+\b[^"'`\n]*/g) ?? []);
const tested = new Set(titles.flatMap((title) => title.match(/\b[A-Z]+-?\d+\b/g) ?? []));

/** `S01 to S06, ST-2` as numbers. */
function numbersIn(cell: string): readonly string[] {
  return cell.split(", ").flatMap((part) => {
    const [from = "", to = from] = part.split(" to ");
    const [, kind = "", first = "", last = ""] = /^(\D+)(\d+) \D+(\d+)$/.exec(`${from} ${to}`) ?? [];
    const width = first.length;
    return Array.from(
      { length: Number(last) - Number(first) + 1 },
      (_, index) => kind + String(Number(first) + index).padStart(width, "0"),
    );
  });
}

test("every threat names tests that hold its control, by numbers in their titles", () => {
  const threats = documents.find(({ path }) => path.endsWith("/threats.md"))?.text ?? "";
  const rows = [...threats.matchAll(/^\| (T\d\d) \|.*\| ([^|]*) \|$/gm)];
  assert.ok(rows.length > 30);
  const missing = rows.flatMap(([, threat, cell = ""]) => {
    const numbers = numbersIn(cell);
    const untested = numbers.filter((number) => !tested.has(number));
    return numbers.length === 0 ? [`${threat} names no test`] : untested.map((number) => `${threat}: ${number}`);
  });
  assert.deepEqual(missing, []);
});

test("every control of SECURITY.md names tests that hold it, and its assumptions are no promises", () => {
  const security = citing.find(({ path }) => path === "SECURITY.md")?.text ?? "";
  const [, controls = "", assumptions = ""] = security.split(/^## (?:Controls|Assumptions)$/m);
  const rows = [...controls.matchAll(/^\| (?!Threat |---)([^|]*) \|.*$/gm)];
  assert.ok(rows.length > 20);
  const missing = rows.flatMap(([row, threat]) => {
    const numbers = numbersIn(/^\|[^|]*\|[^|]*\| ([^|]*) \|$/.exec(row)?.[1] ?? "");
    const untested = numbers.filter((number) => !tested.has(number));
    return numbers.length === 0 ? [`${threat} names no test`] : untested.map((number) => `${threat}: ${number}`);
  });
  assert.deepEqual(missing, []);
  assert.match(assumptions, /^\s+Nothing in this section is a promise/);
});

test("every case from the field, and everything that strangers tried, is in the title of a test", () => {
  const cases = [...rules.keys()].filter((number) => /^(FC|ST)-/.test(number));
  assert.ok(cases.length > 100);
  assert.deepEqual(
    cases.filter((number) => !tested.has(number)),
    [],
  );
});

/** A file that cites what is not there, and what is told of it. */
const UNDEFINED: readonly (readonly [path: string, text: string, cited: readonly string[]])[] = [
  ["src/a.ts", "\n/** One use (OA-99). */", ["2 OA-99"]],
  ["src/a.ts", "let a; // MX-D77: so it is", ["1 MX-D77"]],
  ["src/a.ts", "/** The odd answer D99,\n * and case P98. */", ["1 D99", "2 P98"]],
  ["test/a.test.ts", 'test("A88 OA-01 C99 it is red", () => {});', ["1 A88", "1 C99"]],
  ["test/a.test.ts", 'const ROWS = [["D98 nothing odd", {}]];', ["1 D98"]],
  ["test/a.test.ts", "test(`S99, C98–C97 of each kind`);", ["1 S99", "1 C98", "1 C97"]],
  ["test/a.test.ts", 'test("ZZ-01 no document has any of the kind");', ["1 ZZ-01"]],
  ["SECURITY.md", "| stolen (T99) | `T98` |", ["1 T99"]],
];

for (const [path, text, cited] of UNDEFINED) {
  test(`a number that is defined nowhere is told with its place: ${cited.join(", ")}`, () => {
    const missing = citedRules({ path, text }, shapes).filter(({ what }) => !rules.has(what));
    assert.deepEqual(missing.map(({ line, what }) => `${line} ${what}`).sort(), [...cited].sort());
  });
}

const UNDEFINED_SECTIONS: readonly (readonly [text: string, cited: readonly string[]])[] = [
  ["/** oauthapp.md 5.9, 77: so. */", ["1 oauthapp.md 5.9", "1 oauthapp.md 77"]],
  ["\n/** (faults.md section 3, technique 99) */", ["2 faults.md technique 99"]],
  ["/** The table (matrix.md MX-D1, section 88) */", ["1 matrix.md 88"]],
  ["/** As in requirements.md\n * section 44. */", ["1 requirements.md 44"]],
  ["/** nowhere.md section 1 */", ["1 nowhere.md 1"]],
  ["/** architecture.md, invariant 2 */", ["1 architecture.md invariant 2"]],
  ['test("invariant 99: it holds");', ["1 ARCHITECTURE.md invariant 99"]],
];

for (const [text, cited] of UNDEFINED_SECTIONS) {
  test(`a section that is not there is told with its place: ${cited.join(", ")}`, () => {
    const missing = citedSections({ path: "src/a.ts", text }).filter(({ what }) => !sections.has(what));
    assert.deepEqual(
      missing.map(({ line, what }) => `${line} ${what}`),
      cited,
    );
  });
}

test("what only looks like a number of a rule is left alone", () => {
  const code = [
    "// HTTP/2, HTTP/1.1, S256, ES256, RS256, AES-256, AES-GCM, SHA-256, P-256, UTF-8, RFC 8628 3.5, IPv6, T1, U1, Q99x",
    "const SVG = '<path d=\"M99 7v6M12 16.5\"/>';",
    'const id = "U1"; const code = "USER-1"; const key = "AKIA1"; const utf = "UTF-8";',
    "const n = A99 * B99;",
    "const PEM = `AW6+GI9/f/F/2D6M0dbEc/S99/`;",
    "/** docs/cli.md section 99 and docs/matrix.md, 12 rows; see OA-16. */",
  ].join("\n");
  const markdown = "The path `M99`, SHA-256, UTF-8.\n\n    T99 is code\n\n```\nS99 too\n```\n";
  const files = ["src/a.ts", "test/a.ts"].map((path) => ({ path, text: code }));
  const all = [...files, { path: "docs/a.md", text: markdown }];
  assert.deepEqual(
    all.flatMap((file) => citedRules(file, shapes)).filter(({ what }) => !rules.has(what)),
    [],
  );
  assert.deepEqual(all.flatMap(citedSections), []);
});

test("the scan finds what there is: a check that finds nothing would be green too", () => {
  assert.ok(rules.size > 700, `${rules.size} rules`);
  assert.ok(citing.flatMap((file) => citedRules(file, shapes)).length > 900);
  assert.ok(citing.flatMap(citedSections).length > 150);
  assert.deepEqual(
    ["OA-16", "MX-D12", "O21-07", "CLI-4", "FC-01", "D12", "A1", "C42", "h9"].filter((number) => !rules.has(number)),
    [],
  );
});
