import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { cyclesOf, reachedFrom } from "./architecture/imports.ts";
import { idleExceptions, providerBranches } from "./architecture/providers.ts";
import { importProblems, unneeded } from "./architecture/rooms.ts";
import { HARMLESS, SABOTAGES } from "./architecture/sabotages.ts";
import { crowdedFolders, filesUnder, medianOf, sizesOf } from "./architecture/sizes.ts";
import { parse, ROOT, type Source, sourcesUnder } from "./architecture/sources.ts";
import { readTables } from "./architecture/table.ts";
import { walksOf } from "./architecture/walks.ts";
import { emptyHomes, wordsOf } from "./architecture/words.ts";

/** The shape of the house, checked on the syntax tree: who imports whom, which words live where, how long things get. */
const sources = sourcesUnder("src");
const rooms = readTables(readFileSync(join(ROOT, "ARCHITECTURE.md"), "utf8"));

const ENTRIES = [
  "src/index.ts",
  "src/cli/start.ts",
  "src/protocol/index.ts",
  "src/providers/index.ts",
  "src/api/index.ts",
  "src/client/index.ts",
  "src/walk/index.ts",
  "src/web/main.ts",
  "src/web/start.ts",
  "src/web/docs.ts",
  "src/web/face.ts",
];

/** Loaded by the generator of the documentation. */
const OTHERS = ["src/providers/markdown.ts"];

/** Files that act as soon as they are imported. */
const ACTING = new Set([
  "src/cli/start.ts",
  "src/cli/main.ts",
  "src/web/main.ts",
  "src/web/start.ts",
  "src/web/docs.ts",
  "src/web/face.ts",
]);

test("every import is in a table of ARCHITECTURE.md, and so is every package and built-in", () => {
  assert.deepEqual(importProblems(rooms, sources), []);
});

test("the tables say no more than there is", () => {
  assert.deepEqual(unneeded(rooms, sources), []);
});

test("there is no import cycle, types included", () => {
  assert.deepEqual(cyclesOf(sources), []);
});

test("words stand only in their homes, and each home needs them", () => {
  assert.deepEqual(sources.flatMap(wordsOf), []);
  assert.deepEqual(emptyHomes(sources), []);
});

test("FC-96 many rows are asked for in one place, which gives everybody else a turn", () => {
  assert.deepEqual(sources.flatMap(walksOf), []);
});

test("nothing branches on a provider's id", () => {
  assert.deepEqual(sources.flatMap(providerBranches), []);
  assert.deepEqual(idleExceptions(sources), []);
});

test("files stay under 250 lines, half of them under 80, functions under 40, folders under 25 files", () => {
  assert.deepEqual(sizesOf([...sources, ...sourcesUnder("scripts")]), []);
  assert.deepEqual(medianOf(sources), []);
  assert.deepEqual(crowdedFolders(filesUnder("src", "test")), []);
});

test("every file can be imported, and is reached from an entry", async () => {
  const reached = reachedFrom([...ENTRIES, ...OTHERS], sources);
  const paths = sources.map(({ path }) => path);
  assert.deepEqual(
    paths.filter((path) => !reached.has(path)),
    [],
  );
  for (const path of paths) if (!ACTING.has(path)) await import(join(ROOT, path));
});

/** A path of src, or of a room of the broker, without its ending. */
const NAMED =
  /(?<![\w/.`-])((?:broker|http|cli|store|credential|protocol|seal|scheduler|outbound|compose|session|providers|process|attempt|server|record|keys)\/[a-z0-9/-]*[a-z0-9])\b/g;

test("every file that ARCHITECTURE.md names is there, and a way through the broker passes at most eight", () => {
  const page = readFileSync(join(ROOT, "ARCHITECTURE.md"), "utf8").replace(/^[\s\S]*?## The life of a credential/, "");
  const places = (name: string) => ["src", "src/broker"].flatMap((root) => [`${root}/${name}`, `${root}/${name}.ts`]);
  const named = [...new Set([...page.matchAll(NAMED)].map(([, name = ""]) => name))];
  assert.ok(named.length > 50);
  assert.deepEqual(
    named.filter((name) => !places(name).some((place) => existsSync(join(ROOT, place)))),
    [],
  );
  const ways = [...page.matchAll(/^\| (?:a refresh|a poll|a `creds` write|a session's start) \| (.*) \|$/gm)];
  assert.equal(ways.length, 4);
  for (const [, files = ""] of ways) assert.ok(files.split(", ").length <= 8, files);
});

function problemsOf(all: readonly Source[]): readonly string[] {
  const each = [wordsOf, walksOf, providerBranches].flatMap((check) => all.flatMap(check));
  return [...importProblems(rooms, all), ...cyclesOf(all), ...each, ...sizesOf(all)];
}

for (const { what, files, says } of SABOTAGES)
  test(`the checks see ${what}`, () => {
    const problems = problemsOf(Object.entries(files).map(([path, text]) => parse(path, text)));
    assert.ok(
      problems.some((problem) => problem.includes(says)),
      `said: ${problems.join("; ") || "nothing"}`,
    );
  });

test("the checks say nothing of what only looks like it", () => {
  for (const text of HARMLESS) assert.deepEqual(problemsOf([parse("src/broker/record/new.ts", text)]), [], text);
});

test("the checks see rows that nothing needs, a command that imports another, and a crowd", () => {
  const tables = readTables(`
| Room | May import | May use |
| --- | --- | --- |
| seal | attic | pg |
| attic | — | — |
| cli | — | — |

| Room of cli, in order | May also import | May use |
| --- | --- | --- |
| commands/* | — | — |
`);
  const found = ["src/seal/a.ts", "src/cli/commands/a.ts"].map((path) => parse(path, 'import "./b.ts";'));
  assert.deepEqual(unneeded(tables, found).slice(0, 3), ["seal: to use pg", "seal: to import attic", "attic: a row"]);
  assert.match(
    importProblems(tables, found).join(),
    /^src\/cli\/commands\/a\.ts:1 .*cli\/commands may not import cli\/commands/,
  );
  const crowd = Array.from({ length: 26 }, (_, index) => `src/seal/${index}.ts`);
  assert.match(crowdedFolders(crowd).join(), /src\/seal has 26 files/);
  assert.match(medianOf([parse("src/a.ts", "a;\n".repeat(80))]).join(), /80 lines or more/);
});

test("the Node of the scripts is the one the lock names", () => {
  const { devDependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  assert.equal(process.version, `v${devDependencies.node}`);
});
