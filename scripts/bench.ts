import { readFileSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Row, startBench } from "./bench/bench.ts";
import { endBySignal } from "./bench/end-by-signal.ts";
import { machine, markdown, type Report, type Section, within } from "./bench/report.ts";
import { ROWS } from "./bench/rows/index.ts";

/**
 * `npm run bench`: measures what the broker costs, each figure beside its limit, and prints the report as Markdown. `--only reads,start`:
 * these parts alone; `--quick`: small numbers; `--json FILE`: the same as data; `--write`: into docs/benchmarks.md. Needs Linux.
 */
const PAGE = join(import.meta.dirname, "../docs/benchmarks.md");

const { values: given } = parseArgs({
  options: {
    only: { type: "string" },
    quick: { type: "boolean", default: false },
    json: { type: "string" },
    write: { type: "boolean", default: false },
  },
});

function chosen(): readonly Row[] {
  const names = given.only?.split(",") ?? ROWS.map(({ name }) => name);
  const unknown = names.filter((name) => !ROWS.some((row) => row.name === name));
  if (unknown.length === 0) return ROWS.filter(({ name }) => names.includes(name));
  console.error(`bench: there is no ${unknown.join(", ")}: choose from ${ROWS.map(({ name }) => name).join(", ")}`);
  return process.exit(2);
}

const rows = chosen();
const bench = await startBench(given.quick ? "quick" : "full");
endBySignal(bench.end);
const sections: Section[] = [];
const [before = 0] = loadavg();
try {
  for (const { name, title, how, run } of rows) {
    const from = performance.now();
    const figures = await run(bench).catch((error: unknown) => {
      // The others are worth their time all the same.
      console.error(name, error);
      process.exitCode = 1;
      return [];
    });
    await bench.clear();
    console.error(`${name}: ${((performance.now() - from) / 1_000).toFixed(0)} s`);
    if (figures.length > 0) sections.push({ name, title, how, figures });
  }
} finally {
  await bench.end();
}
const report: Report = {
  ...{ date: new Date().toISOString().slice(0, 10), machine: machine(), node: process.versions.node },
  ...{ load: [before, loadavg()[0] ?? 0], quick: given.quick, sections },
};
const text = markdown(report);
if (given.json !== undefined) writeFileSync(given.json, `${JSON.stringify(report, null, 2)}\n`);
if (given.write) writeFileSync(PAGE, within(readFileSync(PAGE, "utf8"), text));
console.log(text);
process.exit();
