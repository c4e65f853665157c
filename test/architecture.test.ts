import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { dirname, join, posix, relative } from "node:path";
import { test } from "node:test";

/** The shape of the house, checked: who imports whom, which words live where, how long things get. */
const root = join(import.meta.dirname, "..");
const files = globSync("src/**/*.ts", { cwd: root })
  .map((path) => path.replaceAll("\\", "/"))
  .sort();

interface Source {
  readonly path: string;
  readonly text: string;
}

const sources: readonly Source[] = files.map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));

/** Room → what it may import: rooms, root files, and (`port`) the store's port alone. Types count like values. */
const TABLE: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  api: ["settings"],
  seal: [],
  journal: [],
  metrics: [],
  witness: [],
  backup: ["seal", "port"],
  clock: [],
  log: [],
  html: [],
  settings: [],
  version: [],
  "make-folder": [],
  providers: ["protocol"],
  credential: ["protocol", "settings"],
  session: ["credential"],
  outbound: ["protocol", "clock"],
  store: ["clock"],
  broker: [
    "protocol",
    "providers",
    "credential",
    "session",
    "seal",
    "journal",
    "witness",
    "clock",
    "log",
    "metrics",
    "port",
  ],
  scheduler: ["broker", "credential", "clock", "log", "port"],
  access: ["seal", "clock", "log", "port"],
  http: ["api", "settings", "broker", "access", "log", "clock", "html"],
  client: [],
  dev: ["protocol", "html"],
  walk: ["protocol", "providers", "api"],
  // Runs in a browser.
  web: ["walk", "api", "protocol", "providers"],
  cli: ["client", "api", "config", "compose", "clock", "log", "start-error", "version", "make-folder", "dev"],
};

/** Packages that belong to one room, with the reason. */
const HOMES: Readonly<Record<string, { readonly home: RegExp; readonly why: string }>> = {
  "node:sqlite": { home: /^src\/store\/sqlite\//, why: "a database driver stays behind the store's port" },
  pg: { home: /^src\/store\/postgres\//, why: "a database driver stays behind the store's port" },
  "prom-client": { home: /^src\/process\/metrics\.ts/, why: "what is counted is metrics.ts's" },
  undici: { home: /^src\/outbound\//, why: "every upstream call passes the one guarded fetch" },
  "ipaddr.js": { home: /^src\/outbound\//, why: "address policy is the guarded fetch's" },
  fastify: { home: /^src\/(http\/|compose\/)/, why: "the HTTP layer is thin, and only it knows its framework" },
  commander: { home: /^src\/cli\//, why: "commands are the command line's" },
  uqr: { home: /^src\/(cli\/terminal|web)\//, why: "what is shown is the screen's: a terminal's, or the walk's page" },
  oauth4webapi: { home: /^src\/protocol\//, why: "OAuth on the wire is protocol/'s" },
  jose: { home: /^src\/protocol\//, why: "signatures and keys are protocol/'s" },
  "oidc-provider": { home: /^src\/dev\//, why: "the demo server is for development" },
};

function importsOf({ text }: Source): readonly string[] {
  return [...text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map((match) => match[1] ?? "");
}

function resolve(from: string, specifier: string): string {
  return posix.normalize(posix.join(dirname(from), specifier));
}

/** `src/broker/x.ts` → broker; `src/process/clock.ts` → clock; the store's port is a room of its own. */
function roomOf(path: string): string {
  if (path === "src/store/port.ts" || path === "src/store/snapshot.ts" || path === "src/store/lanes.ts") return "port";
  const [, room = "", file = ""] = path.split("/");
  return (room === "process" ? file : room).replace(/\.ts$/, "");
}

/** Root files that put the rooms together; they may import anything. */
const TOP: ReadonlySet<string> = new Set(["compose", "start-error", "config", "index"]);

function violations(all: readonly Source[]): readonly string[] {
  return all.flatMap((source) =>
    importsOf(source).flatMap((specifier) => {
      if (!specifier.startsWith(".")) return packageViolation(source.path, specifier);
      const from = roomOf(source.path);
      const to = roomOf(resolve(source.path, specifier));
      const own = from === to || (from === "store" && to === "port");
      if (own || TOP.has(from) || (from === "port" ? [] : (TABLE[from] ?? [])).includes(to)) return [];
      return [`${source.path} imports ${specifier}: ${from} may not import ${to} (see the table in ARCHITECTURE.md)`];
    }),
  );
}

function packageViolation(path: string, specifier: string): readonly string[] {
  const rule = HOMES[specifier] ?? HOMES[specifier.split("/")[0] ?? ""];
  return rule && !rule.home.test(path) ? [`${path} imports ${specifier}: ${rule.why}`] : [];
}

function cycles(all: readonly Source[]): readonly string[] {
  const graph = new Map(
    all.map((source) => [
      source.path,
      importsOf(source)
        .filter((specifier) => specifier.startsWith("."))
        .map((specifier) => resolve(source.path, specifier)),
    ]),
  );
  const state = new Map<string, "open" | "done">();
  const found: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (state.get(path) === "done") return;
    if (state.get(path) === "open") return void found.push([...trail.slice(trail.indexOf(path)), path].join(" → "));
    state.set(path, "open");
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
    state.set(path, "done");
  };
  for (const path of graph.keys()) visit(path, []);
  return found;
}

interface Word {
  readonly word: RegExp;
  /** Where it may stand. */
  readonly home: RegExp;
  readonly why: string;
}

const WORDS: readonly Word[] = [
  {
    word: /\bDate\.now\b|new Date\(\)/,
    home: /^src\/(process\/clock|client\/time)\.ts/,
    why: "take a Clock: tests move time by hand",
  },
  {
    word: /\b(setTimeout|setInterval)\(/,
    home: /^src\/(process\/clock\.ts|client\/time\.ts|dev\/|web\/)/,
    why: "wait on a Clock; every longer wait is a due time in the store",
  },
  {
    word: /\bsetImmediate\(/,
    home: /^src\/store\/sqlite\/group-commit\.ts/,
    why: "only the group commit gathers the writes of a turn",
  },
  {
    word: /\bprocess\.env\b/,
    home: /^src\/(process\/config|cli\/frame\/environment)\.ts/,
    why: "config.ts reads the environment, once; for the command line cli/frame/environment.ts",
  },
  {
    word: /(?<![.\w])fetch\(/,
    // copy-as writes such a call as a text, for people.
    home: /^src\/(outbound|client|web|dev)\/|^src\/walk\/copy-as\.ts/,
    why: "use the guarded fetch that compose made",
  },
  { word: /\bMath\.random\b/, home: /^$/, why: "randomness comes from the CSPRNG" },
  { word: /\bconsole\./, home: /^$/, why: "log through log.ts, or write to the streams in cli/" },
  { word: /\bprocess\.(stdout|stderr)\b/, home: /^src\/cli\//, why: "only commands talk to a person" },
  { word: /:\s*any\s*[;,)=\]|>&]|\bas any\b|<any>/, home: /^$/, why: "say what it is" },
  { word: /@ts-(ignore|expect-error|nocheck)/, home: /^$/, why: "mend the type" },
  { word: /\b(TODO|FIXME|XXX)\b/, home: /^$/, why: "do it, or open an issue" },
  {
    word: /(\b(id|provider)\s*(===|!==)|\bcase)\s*"(github|gitlab|bitbucket|google|microsoft_azure_ad|slack|oidc|custom|matrix)"/,
    home: /^$/,
    why: "a branch on a provider's id is a missing field in providers/provider.ts",
  },
];

/** Code without its comments, which may name what code may not. */
function code(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "$1");
}

function forbidden(all: readonly Source[]): readonly string[] {
  return all.flatMap(({ path, text }) =>
    WORDS.filter(({ word, home }) => !home.test(path) && word.test(code(text))).map(
      ({ word, why }) => `${path}: ${code(text).match(word)?.[0]} — ${why}`,
    ),
  );
}

/** Length of every function, by its braces; strings with braces do not occur at the ends of lines here. */
function longFunctions({ path, text }: Source, most: number): readonly string[] {
  const lines = text.split("\n");
  return lines.flatMap((line, start) => {
    const indent = /^( *)(?:export )?(?:async )?function\b.*|^( *)(?:async )?[#\w]+\(.*\).*\{$/.exec(line);
    if (!indent || !/function|^\s+[#\w]+\(/.test(line)) return [];
    const margin = indent[1] ?? indent[2] ?? "";
    const end = lines.findIndex((later, index) => index > start && later === `${margin}}`);
    return end - start + 1 > most ? [`${path}:${start + 1} has ${end - start + 1} lines`] : [];
  });
}

test("every import is in the table, and packages stay in their rooms", () => {
  assert.deepEqual(violations(sources), []);
});

test("there is no import cycle, types included", () => {
  assert.deepEqual(cycles(sources), []);
});

test("forbidden words stand only in their one home", () => {
  assert.deepEqual(forbidden(sources), []);
});

test("files stay under 250 lines, half of them under 80, functions under 40", () => {
  const lengths = sources.map(({ path, text }) => ({ path, lines: text.split("\n").length - 1 }));
  assert.deepEqual(
    lengths.filter(({ lines }) => lines > 250),
    [],
  );
  const sorted = lengths.map(({ lines }) => lines).sort((a, b) => a - b);
  assert.ok((sorted[Math.floor(sorted.length / 2)] ?? 0) < 80);
  assert.deepEqual(
    sources.flatMap((source) => longFunctions(source, 40)),
    [],
  );
});

test("every file can be imported, and is reached from an entry", async () => {
  const entries = [
    "src/index.ts",
    "src/cli/start.ts",
    "src/protocol/index.ts",
    "src/providers/index.ts",
    "src/api/index.ts",
    "src/client/index.ts",
    "src/walk/index.ts",
    "src/web/main.ts",
  ];
  const reached = new Set<string>();
  const visit = (path: string): void => {
    if (reached.has(path)) return;
    reached.add(path);
    const source = sources.find((one) => one.path === path);
    for (const specifier of source ? importsOf(source) : [])
      if (specifier.startsWith(".")) visit(resolve(path, specifier));
  };
  const servers = ["misbehaving-server", "matrix/homeserver", "matrix/quirk-server", "matrix/profiles"];
  const others = [...servers.map((name) => `src/dev/${name}.ts`), "src/providers/markdown.ts"];
  for (const entry of [...entries, ...others]) visit(entry);
  assert.deepEqual(
    files.filter((path) => !reached.has(path)),
    [],
  );
  for (const path of files)
    if (!/^src\/(cli\/start|cli\/main|web\/main)\.ts$/.test(path)) await import(join(root, path));
});

test("the checks see what they are for", () => {
  const bad = (path: string, text: string): readonly Source[] => [{ path, text }];
  assert.equal(violations(bad("src/protocol/x.ts", 'import { a } from "../broker/broker.ts";')).length, 1);
  assert.equal(violations(bad("src/broker/x.ts", 'import type { a } from "../store/sqlite/store.ts";')).length, 1);
  assert.equal(violations(bad("src/broker/x.ts", 'import type { a } from "../store/port.ts";')).length, 0);
  assert.equal(violations(bad("src/broker/x.ts", 'import { request } from "undici";')).length, 1);
  const loop = [
    { path: "src/a.ts", text: 'import type { b } from "./b.ts";' },
    { path: "src/b.ts", text: 'import "./a.ts";' },
  ];
  assert.equal(cycles(loop).length, 1);
  for (const line of [
    "Date.now()",
    "new Date()",
    "setTimeout(f, 1)",
    "process.env.X",
    "await fetch(u)",
    "console.log(1)",
    "x as any",
  ]) {
    assert.equal(forbidden(bad("src/broker/x.ts", line)).length, 1, line);
  }
  assert.equal(forbidden(bad("src/broker/x.ts", 'if (id === "github") {}')).length, 1);
  assert.equal(forbidden(bad("src/broker/x.ts", "/** Date.now is forbidden */ call.fetch(u)")).length, 0);
  const long = { path: "src/x.ts", text: `function f() {\n${"  a();\n".repeat(45)}}\n` };
  assert.equal(longFunctions(long, 40).length, 1);
});

test("the Node of the scripts is the one the lock names", () => {
  const { devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  assert.equal(process.version, `v${devDependencies.node}`);
  assert.equal(relative(root, join(root, "src")), "src");
});
