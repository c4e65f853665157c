#!/usr/bin/env node
// Plain JavaScript that every Node can parse: an old one must be able to say its one clear sentence.

// ST-9: Node's own answer to this signal opens an inspector, which every user of this machine may then connect to.
process.on("SIGUSR1", () => {});
// ST-30: what a foreign text calls __proto__ is a member like any other, before anything else is loaded.
Reflect.deleteProperty(Object.prototype, "__proto__");

// An import of node:fs reads all its members, and so loads streams, promises and readline: a tenth of a short command (CPU).
const builtIn = (name) => (process.getBuiltinModule ? process.getBuiltinModule(name) : import(name));
const { existsSync } = await builtIn("node:fs");
const { fileURLToPath } = await builtIn("node:url");

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const isClone = existsSync(here("../src/cli/start.ts"));
const main = isClone ? "../src/cli/start.ts" : "../dist/cli/start.js";
const major = Number(process.versions.node.split(".")[0]);
const own = here("../node_modules/.bin/node");

if (isClone && !existsSync(here("../node_modules"))) {
  fail("this clone has not been set up: run npm ci first");
} else if (major >= 24) {
  // Without it a clone strips types again, 110 ms of 180 at each start, and a broker's start costs half as much again (CPU).
  (await builtIn("node:module")).enableCompileCache(here(isClone ? "../node_modules/.cache/coatcheck" : "../.cache"));
  await import(main);
} else if (existsSync(own)) {
  await runWith(own);
} else {
  fail(`coatcheck needs Node 24 or newer, this is ${process.version}`);
}

/** A clone brings its own Node; started outside npm, this file may still run on the machine's older one. */
async function runWith(node) {
  const { spawn } = await import("node:child_process");
  const { constants } = await import("node:os");
  // Under the name it was called by, which may be a helper's.
  const hardened = ["--disable-sigusr1", "--disable-proto=delete"];
  const child = spawn(node, [...hardened, process.argv[1], ...process.argv.slice(2)], { stdio: "inherit" });
  // Who stops this process means the broker: a supervisor knows only this one.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => fail(`${node} cannot be run: ${error.message}`));
  child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}

function fail(sentence) {
  console.error(`coatcheck: ${sentence}`);
  process.exitCode = 1;
}
