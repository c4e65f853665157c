import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { dataFolder } from "../support/temporary-folder.ts";

const BENCH = join(import.meta.dirname, "../../scripts/bench");

/** A run of the benchmarks in which two servers have been started, of which one could not stop by itself. */
const RUN = `
import { startBench } from ${JSON.stringify(join(BENCH, "bench.ts"))};
import { endBySignal } from ${JSON.stringify(join(BENCH, "end-by-signal.ts"))};
import { startBare, startProvider } from ${JSON.stringify(join(BENCH, "stage.ts"))};
const bench = await startBench("tiny", "coatcheck");
endBySignal(bench.end);
const [bare, provider] = [await startBare(bench, "{}"), await startProvider(bench)];
console.log(JSON.stringify({ pids: [bare.pid, provider.pid], folder: bench.folder() }));
setInterval(() => {}, 60_000);
`;

test("benchmarks that are ended by a signal leave no process and no folder behind", async (t) => {
  const script = join(dataFolder(t), "run.mjs");
  writeFileSync(script, RUN);
  const run = spawn(process.execPath, [script], { stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => run.kill("SIGKILL"));
  const exit = once(run, "exit");
  const [line] = await Promise.race([once(run.stdout.setEncoding("utf8"), "data"), exit]);
  const { pids, folder } = JSON.parse(line) as { pids: number[]; folder: string };
  t.after(() => pids.map(kill));
  run.kill("SIGTERM");
  assert.deepEqual(await exit, [143, null]);
  assert.deepEqual(pids.map(kill), [false, false]);
  assert.equal(existsSync(folder), false);
});

/** False: it is gone. */
function kill(pid: number): boolean {
  try {
    return process.kill(pid, "SIGKILL");
  } catch {
    return false;
  }
}
