import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { startBench } from "../../scripts/bench/bench.ts";
import { machine, markdown, type Section, within } from "../../scripts/bench/report.ts";
import { ROWS } from "../../scripts/bench/rows/index.ts";
import { BIN } from "../support/bin.ts";

test("the report of the benchmarks runs: two of its parts, with numbers that measure nothing", async (t) => {
  const bench = await startBench("tiny", BIN);
  t.after(() => bench.end());
  const sections: Section[] = [];
  for (const name of ["imports", "token"]) {
    const row = ROWS.find((one) => one.name === name);
    assert.ok(row);
    sections.push({ ...row, figures: await row.run(bench) });
    await bench.clear();
  }
  assert.deepEqual(
    sections.map(({ figures }) => figures.length),
    [3, 1],
  );
  const figures = sections.flatMap((section) => section.figures);
  for (const { what, value, limit, processor } of figures) {
    for (const measured of [value, limit?.value ?? 1, processor?.micros ?? 1]) assert.ok(measured > 0, what);
  }
  const from = { date: "2026-11-30", machine: machine(), node: process.versions.node };
  const report = markdown({ ...from, load: [1, 2], quick: true, sections });
  for (const { what } of figures) assert.ok(report.includes(`\n| ${what} | `), what);
  const page = readFileSync(join(import.meta.dirname, "../../docs/benchmarks.md"), "utf8");
  const written = within(page, report);
  assert.ok(written.includes(report));
  assert.equal(within(written, report), written);
});

test("each part of the report has a name of its own", () => {
  assert.equal(new Set(ROWS.map(({ name }) => name)).size, ROWS.length);
});
