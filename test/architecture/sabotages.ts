/** Something that somebody could write, and what the checks must say of it. */
export interface Sabotage {
  readonly what: string;
  /** Path → text. */
  readonly files: Readonly<Record<string, string>>;
  /** Part of what is said. */
  readonly says: string;
}

const line = "  work();\n";

/** One file in the broker, unless it says otherwise. */
function broker(what: string, text: string, says: string): Sabotage {
  return { what, files: { "src/broker/record/new.ts": text }, says };
}

export const SABOTAGES: readonly Sabotage[] = [
  // How many rows are walked.
  broker(
    "a page of rows",
    "export const a = (context) => context.store.list({});",
    "walk them with broker/record/rows",
  ),
  broker("a page that is taken out of a store", "const { scan } = context.store;", "walk them with broker/record/rows"),
  // What is imported.
  broker("a built-in in a room that has none", 'import { request } from "node:http";', "imports node:http"),
  broker("a built-in without its prefix", 'import { request } from "http";', "imports http"),
  broker("a package of another room", 'import { request } from "undici";', "imports undici"),
  broker("a package's type alone", 'import type { FastifyInstance } from "fastify";', "imports fastify"),
  broker("a package that only development installs", 'import fc from "fast-check";', "imports fast-check"),
  broker("a package in a dynamic import", 'const pg = await import("pg");', "imports pg"),
  broker("a package by a part of it", 'import Pool from "pg/lib/pool";', "imports pg"),
  broker("a room below", 'import { sqlite } from "../../store/sqlite/store.ts";', "may not import sqlite"),
  broker("a room below, for its type", 'let a: import("../../http/app.ts").App;', "may not import http/app"),
  broker("a room below, passed on", 'export * from "../../compose/serve.ts";', "may not import compose"),
  broker("a room below, when it runs", 'void import("../../http/app.ts");', "may not import http/app"),
  broker("a room below, in backticks", "void import(`../../http/app.ts`);", "may not import http/app"),
  broker("a room that comes later", 'import { poll } from "../attempt/poll.ts";', "may not import broker/attempt"),
  broker("a test's helper", 'import "../../../test/support/demo.ts";', "which is in no room"),
  broker("a module whose name is computed", "void import(name + '.ts');", "what only the program knows"),
  broker("require", 'require("pg");', "imports pg"),
  broker("a require of one's own", 'import { createRequire } from "node:module";', "imports node:module"),
  broker("a built-in by the back door", 'process.getBuiltinModule("http");', "process.getBuiltinModule"),
  broker("globals by a module", 'import { env } from "node:process";', "imports node:process"),
  {
    what: "a built-in in a room that runs in a browser",
    files: { "src/protocol/new.ts": 'import { createHash } from "node:crypto";' },
    says: "imports node:crypto",
  },
  {
    what: "the driver of the other store",
    files: { "src/store/sqlite/new.ts": 'import pg from "pg";' },
    says: "imports pg",
  },
  { what: "a room of its own", files: { "src/gossip/new.ts": "export {};" }, says: "is in no room" },
  { what: "a file beside the rooms", files: { "src/broker/new.ts": "export {};" }, says: "is in no room" },
  {
    what: "a cycle",
    files: { "src/seal/a.ts": 'import "./b.ts";', "src/seal/b.ts": 'export { a } from "./a.ts";' },
    says: "src/seal/a.ts → src/seal/b.ts → src/seal/a.ts",
  },
  {
    what: "a cycle of types",
    files: { "src/seal/a.ts": 'import type { B } from "./b.ts";', "src/seal/b.ts": 'let a: import("./a.ts").A;' },
    says: "src/seal/a.ts → src/seal/b.ts → src/seal/a.ts",
  },
  // What is used of the platform.
  broker("fetch", "await fetch(url);", "fetch: use the guarded fetch"),
  broker("fetch of the global object", "await globalThis.fetch(url);", "fetch: use"),
  broker("fetch of the window", 'await window["fetch"](url);', "fetch: use"),
  broker("fetch by another name", "const call = globalThis.fetch;", "fetch: use"),
  broker("fetch taken out", "const { fetch: call } = globalThis;", "fetch: use"),
  broker("fetch handed over", "start({ fetch });", "fetch: use"),
  broker("fetch by default", "function start(call = fetch) {}", "fetch: use"),
  broker("all globals by another name", "const all = globalThis;", "globalThis: name what is used"),
  broker("another way out", "new WebSocket(url);", "the guarded fetch"),
  broker("the clock", "Date.now();", "Date.now: take a Clock"),
  broker("the clock as an object", "new Date();", "new Date(): take a Clock"),
  broker("the clock as a text", "Date();", "Date(): take a Clock"),
  broker("the clock by another name", "const { now } = Date;", "Date.now: take a Clock"),
  broker("the clock's class by another name", "const Time = Date;", "Date: take a Clock"),
  broker("the other clock", "performance.timeOrigin;", "performance.timeOrigin: take"),
  broker("the third clock", "process.hrtime.bigint();", "process.hrtime.bigint: take"),
  broker("the fourth clock", "Temporal.Now.instant();", "Temporal.Now.instant: take"),
  broker("a timer", "setTimeout(work, 1);", "setTimeout: wait on a Clock"),
  broker("a timer by another name", "const later = globalThis.setTimeout;", "setTimeout: wait"),
  broker("the end of a turn", "queueMicrotask(work);", "queueMicrotask: wait"),
  broker("the environment", "process.env.HOME;", "process.env.HOME: config.ts reads"),
  broker("the environment in brackets", 'process["env"];', "process.env: config.ts reads"),
  broker("the environment taken out", "const { env } = process;", "process.env: config.ts reads"),
  broker("the environment taken out by default", "function f({ env } = process) {}", "process.env: config.ts"),
  broker("the environment by a name that is computed", "process[name];", "process: config.ts reads"),
  broker("the environment of all globals", "globalThis.process?.env!.HOME;", "process.env.HOME: config.ts"),
  broker("weak randomness", "Math.random();", "Math.random: randomness"),
  broker("the console", "console.log(1);", "console.log: log through"),
  broker("the terminal", "process.stdout.write(text);", "process.stdout.write: say it by the command's Output"),
  broker("code from a text", 'new Function("return 1")();', "code does not come from text"),
  // How it is written.
  broker("any", "let a: any;", "any: say what it is"),
  broker("any in a list of types", "let a: Map<string, any>;", "any: say what it is"),
  broker("any by a cast", "work(a as any);", "any: say what it is"),
  broker("a type that is not mended", "// @ts-expect-error for now\nwork(1);", "@ts-expect-error: mend"),
  broker("a rule that is set aside", "// biome-ignore lint: for now\nwork(1);", "biome-ignore: an exception"),
  broker("a promise to nobody", "/* TODO: do it */", "TODO: do it"),
  broker("a branch on a provider", 'if (id === "github") work();', "github: a branch"),
  broker("a branch on the beginning of its id", 'if (id.startsWith("github")) work();', "github: a branch"),
  broker("a branch on a part of its id", 'if (id.includes("matr")) work();', "matrix: a branch"),
  broker("a branch on one of some", '["slack", "x"].includes(id) && work();', "slack: a branch"),
  broker("a branch on a set", 'const known = new Set(["github"]);', "github: a branch"),
  broker("a branch by a table", "const steps = { matrix: work };", "matrix: a branch"),
  broker("a branch by a table's member", "steps.gitlab();", "gitlab: a branch"),
  broker("a branch by a pattern", "if (/^google$/.test(id)) work();", "google: a branch"),
  broker("a branch in a switch", "switch (id) { case `oidc`: work(); }", "oidc: a branch"),
  broker(
    "a branch on a code that only one provider has",
    'if (code === "M_FORBIDDEN") work();',
    "M_FORBIDDEN: a branch",
  ),
  broker("a branch on a grant that is bound", "if (grant.binding) work();", "binding: a branch"),
  broker("a branch on one that is not", "const a = !server?.binding || work();", "binding: a branch"),
  broker("a branch on one that is bound, in an expression", "work(binding ? 1 : 2);", "binding: a branch"),
  broker("a branch on one that is bound, by comparison", "const a = grant.binding !== undefined;", "binding: a branch"),
  broker("a branch on a binding's name", 'if ("binding" in grant) work();', "binding: a branch"),
  broker("a branch on how a server is found", "const a = provider.apiServer && { label };", "apiServer: a branch"),
  // How long it gets.
  broker("a long function", `function f() {\n${line.repeat(39)}}\n`, "a function of 41 lines"),
  broker("a long arrow function", `const f = () => {\n${line.repeat(58)}};\n`, "a function of 60 lines"),
  broker("a long method", `class A {\n  static async *m() {\n${line.repeat(40)}  }\n}\n`, "a function of 42 lines"),
  broker("a long getter", `const a = {\n  get b() {\n${line.repeat(40)}  },\n};\n`, "a function of 42 lines"),
  broker("a long file", line.repeat(251), "has 251 lines"),
];

/** What looks like one of these, and is none. */
export const HARMLESS: readonly string[] = [
  "/** Date.now is forbidden, and so is fetch( */",
  "const text = 'process.env.HOME and fetch(url)';",
  "function start(fetch: typeof globalThis.fetch) { return fetch(url); }",
  "const { fetch } = context;\nawait fetch(url);",
  "await call.fetch(url);",
  "new Date(time).toISOString();",
  "if (value instanceof Date) Date.parse(text);",
  "for (const process of processes) process.env.run();",
  "interface Clock { setTimeout(then: () => void): void }",
  'const hint = "for github and gitlab";',
  "const a = { ...(server.binding && { binding: server.binding }) };",
  "const a = binding && options ? { binding, options } : {};",
  "if (provider.apiServer?.account) work(binding?.deviceId ?? binding?.baseUrl);",
  'import type { Row } from "../../store/port.ts";',
  'import { invalid } from "../errors.ts";',
];
