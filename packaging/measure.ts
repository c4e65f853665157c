import { execFileSync, spawn } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

/**
 * `npm run bench:artifacts`: sizes of what was built, and what it costs to start each (docs/benchmarks.md). Processor time, since
 * the clock tells more of what else the machine does; of Linux.
 */
const root = join(import.meta.dirname, "..");
const TIMES = 20;
/** Milliseconds of one tick of /proc (USER_HZ is 100 everywhere). */
const TICK = 10;

const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  "Node itself (`node -e 0`)": [process.execPath, "-e", "0"],
  clone: [process.execPath, join(root, "bin/coatcheck.js")],
  package: [process.execPath, join(root, "dist/coatcheck/bin/coatcheck.js")],
  executable: [join(root, `dist/executable/linux-${process.arch}/coatcheck`)],
};

console.log("| Artifact | Bytes |\n| --- | --- |");
for (const path of globSync([join(root, "dist/artifacts/*"), join(root, "dist/release/*.tgz")]).sort()) {
  console.log(`| \`${basename(path)}\` | ${statSync(path).size.toLocaleString("en")} |`);
}
console.log("\n| Program | `--version` | `serve`, until it listens | memory then |\n| --- | --- | --- | --- |");
for (const [name, program] of Object.entries(PROGRAMS)) {
  const isNode = program.includes("-e");
  const start = isNode ? ["–", "–"] : await serve(program);
  console.log(`| ${name} | ${versionOf(isNode ? program : [...program, "--version"])} ms | ${start.join(" | ")} |`);
}

/** Mean milliseconds of processor time of a short command. */
function versionOf(command: readonly string[]): number {
  const script = `i=0; while [ $i -lt ${TIMES} ]; do "$@" > /dev/null; i=$((i+1)); done; cat /proc/$$/stat`;
  const stat = execFileSync("sh", ["-c", script, "sh", ...command], { encoding: "utf8" });
  const children = ticksOf(stat, 13);
  return Math.round((children * TICK) / TIMES);
}

async function serve([command = "", ...args]: readonly string[]): Promise<readonly string[]> {
  const data = mkdtempSync(join(tmpdir(), "coatcheck-measure-"));
  try {
    const child = spawn(command, [...args, "serve", "--data", data, "--listen", "127.0.0.1:0"], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    await new Promise<void>((done) => child.stderr.on("data", (text) => String(text).includes("listening") && done()));
    const own = ticksOf(readFileSync(`/proc/${child.pid}/stat`, "utf8"), 11);
    const memory = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1];
    const ended = new Promise((done) => child.once("exit", done));
    child.kill("SIGTERM");
    await ended;
    return [`${own * TICK} ms`, `${Math.round(Number(memory) / 1024)} MiB`];
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
}

/** The sum of a user's and a system's time: fields of proc_pid_stat(5), counted behind the name in brackets. */
function ticksOf(stat: string, from: number): number {
  const fields = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .map(Number);
  return (fields[from] ?? 0) + (fields[from + 1] ?? 0);
}
