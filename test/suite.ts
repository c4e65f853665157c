import { execFile } from "node:child_process";
import { globSync } from "node:fs";
import { join } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { buildOnce } from "./support/built-once.ts";
import { grouped } from "./support/together.ts";

/** What takes longest by itself is begun first, that nothing is waited for alone in the end. */
const FIRST = [
  "groups/http",
  "groups/attempt",
  "groups/broker",
  "groups/matrix",
  "faults/faults",
  "groups/dev",
  "web/walk",
  "groups/commands-1",
  "groups/commands-2",
  "groups/cli",
  "groups/sign-in-2",
  "groups/sign-in-1",
  "groups/helpers-2",
  "groups/helpers-1",
  "cli/serve/kill",
  "groups/store",
  "model/model",
];

/** The files that are given to Node, in their order, below test/: those of groups are run by the group's own. */
export function suiteFiles(): readonly string[] {
  const others = new Set(grouped());
  const files = globSync("**/*.test.ts", { cwd: import.meta.dirname }).filter((file) => !others.has(file));
  return files.sort((a, b) => place(a) - place(b) || a.localeCompare(b));
}

function place(file: string): number {
  const found = FIRST.indexOf(file.slice(0, -".test.ts".length));
  return found === -1 ? FIRST.length : found;
}

/**
 * As many processes as there are at once have no use for further threads that collect garbage, and a broker's start leaves so
 * much that the smallest heap of V8 is collected all the time: a sixth of the processor time of tests that start many. MiB.
 */
const V8 = ["--single-threaded-gc", "--min-semi-space-size=64", "--max-semi-space-size=64"];

/** Processes at a time: many wait most of their time for others that they have started. */
const AT_ONCE = 5;

/** Milliseconds, of each test. */
const LIMIT_MS = 120_000;

/** Of what a check finds. Bytes. */
const LONGEST_REPORT = 10_000_000;

/** `npm run check` beside the first tests, since it is one program at a time; where it finds something they are ended. */
function checkBeside(tests: AbortController): void {
  execFile("npm", ["run", "--silent", "check"], { maxBuffer: LONGEST_REPORT }, (error, stdout, stderr) => {
    if (!error) return;
    process.exitCode = 1;
    tests.abort();
    process.stderr.write(`${stdout}${stderr}\nnpm run check found this, so the tests were ended\n`);
  });
}

async function runSuite(): Promise<void> {
  const ending = new AbortController();
  checkBeside(ending);
  // Every file is loaded by many processes.
  process.env.NODE_COMPILE_CACHE = join(import.meta.dirname, "../node_modules/.cache/coatcheck");
  process.env.COATCHECK_BUILT = await buildOnce();
  const files = suiteFiles().map((file) => join(import.meta.dirname, file));
  const execArgv = ["--import", join(import.meta.dirname, "support/unburdened.ts"), ...V8];
  run({ files, execArgv, concurrency: AT_ONCE, timeout: LIMIT_MS, signal: ending.signal })
    .on("test:summary", ({ success }) => {
      if (!success) process.exitCode = 1;
    })
    .compose(new spec())
    .pipe(process.stdout);
}

if (import.meta.main) await runSuite();
