/**
 * The tests of the tests: `npm run sabotage`. Each fault is built into a copy of the project, and the tests that are named for
 * it must turn red there; they must be green without it. SABOTAGE (a pattern of ids) tries some.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { SABOTAGES, type Sabotage } from "./sabotages.ts";
import { apply, copyTree } from "./tree.ts";

const wanted = new RegExp(process.env.SABOTAGE ?? "");
const chosen = SABOTAGES.filter(({ id }) => wanted.test(id));

/** Milliseconds; a test that a fault makes hang has noticed it. */
const LONGEST_FILE_MS = 600_000;

/** Three times the suite's runs of the model: a fault that few orders of happenings show is looked for longer here. */
const MODEL_RUNS = "60";

interface Run {
  readonly green: boolean;
  /** Names of the tests that failed. */
  readonly failed: readonly string[];
}

function runTests(root: string, file: string): Run {
  const flags = ["--test", "--test-reporter=tap", `--test-timeout=${LONGEST_FILE_MS}`, join(root, file)];
  const env = { MODEL_RUNS, ...process.env };
  const { status, stdout } = spawnSync(process.execPath, flags, { cwd: root, encoding: "utf8", env });
  const failed = [...stdout.matchAll(/^not ok \d+ - (.*)$/gm)].map(([, name]) => name ?? "");
  return { green: status === 0, failed };
}

function write(...cells: readonly unknown[]): void {
  process.stdout.write(`| ${cells.join(" | ")} |\n`);
}

/** False when a test that should have noticed did not. */
function sabotage({ id, what, edits, tests }: Sabotage): boolean {
  const began = performance.now();
  const tree = copyTree();
  try {
    apply(tree.path, edits);
    const runs = tests.map((file) => ({ file, ...runTests(tree.path, file) }));
    const caught = runs.map(
      ({ file, green, failed }) => `${file}: ${green ? "GREEN" : (failed[0] ?? "it does not run")}`,
    );
    write(id, what, caught.join("; "), Math.round((performance.now() - began) / 1000));
    return runs.every(({ green }) => !green);
  } finally {
    tree.remove();
  }
}

/** The same tests where nothing is broken. */
function sound(): boolean {
  const tree = copyTree();
  try {
    const files = [...new Set(chosen.flatMap(({ tests }) => tests))];
    const red = files.filter((file) => !runTests(tree.path, file).green);
    if (red.length > 0) process.stdout.write(`red without any sabotage: ${red.join(", ")}\n`);
    return red.length === 0;
  } finally {
    tree.remove();
  }
}

write("Id", "Sabotage", "Noticed by", "Seconds");
write("---", "---", "---", "---");
const noticed = chosen.map(sabotage);
if (!noticed.every(Boolean) || !sound()) process.exitCode = 1;
