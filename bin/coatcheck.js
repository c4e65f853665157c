#!/usr/bin/env node
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

// Plain JavaScript that every Node can parse: an old one must be able to say its one clear sentence.
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const main = existsSync(here("../src/cli/main.ts")) ? "../src/cli/main.ts" : "../dist/cli/main.js";
const major = Number(process.versions.node.split(".")[0]);
const own = here("../node_modules/.bin/node");

if (major >= 24) await import(main);
else if (existsSync(own)) {
  // A clone brings its own Node; started outside npm, this file may still run on the machine's older one.
  const child = spawnSync(own, [here(main), ...process.argv.slice(2)], { stdio: "inherit" });
  process.exitCode = child.status ?? 1;
} else {
  console.error(`coatcheck needs Node 24 or newer, this is ${process.version}`);
  process.exitCode = 1;
}
