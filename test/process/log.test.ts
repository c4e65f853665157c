import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { createLog } from "../../src/process/log.ts";

const LOG = join(import.meta.dirname, "../../src/process/log.ts");

test("lines wait for the end of a turn, keep their order, and none is lost when the process exits", () => {
  const program = `
    import { writeSync } from "node:fs";
    import { createLog } from ${JSON.stringify(LOG)};
    const log = createLog("info");
    log.info("one");
    writeSync(2, "written meanwhile\\n");
    log.warn("two");
    log.info("three");
    setImmediate(() => {
      writeSync(2, "next turn\\n");
      log.info("four");
      process.exit(0);
    });`;
  const { stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" });
  const said = stderr
    .trim()
    .split("\n")
    .map((line) => (line.startsWith("{") ? JSON.parse(line).event : line));
  assert.deepEqual(said, ["written meanwhile", "one", "two", "three", "next turn", "four"]);
});

test("a line is JSON whatever its fields hold, one line each, and a field named as a secret is blotted out", () => {
  const lines: string[] = [];
  const log = createLog("info", (line) => lines.push(line));
  const odd = 'a\u0000\n\r\u001b[31m\u2028"\\\ud800';
  log.info('odd "event"\n', { odd, huge: "x".repeat(1_000_000), none: null, yes: true, gone: undefined });
  log.warn("numbers", { nan: Number.NaN, endless: Number.NEGATIVE_INFINITY, small: 1e-7, large: 1e21 });
  log.error("secrets", { token: "at-1", key: 7, code: undefined, token_type: "Bearer" });
  assert.ok(lines.every((line) => line.indexOf("\n") === line.length - 1));
  // Control characters, and a surrogate without its other half, would not pass a terminal or UTF-8 as they are.
  assert.ok(lines.every((line) => !/[\p{Cc}\p{Cs}]/u.test(line.slice(0, -1))));
  const said = lines.map((line) => {
    const { time, ...rest } = JSON.parse(line);
    assert.equal(new Date(time).toISOString(), time);
    return rest;
  });
  assert.deepEqual(said, [
    { level: "info", event: 'odd "event"\n', odd, huge: "x".repeat(1_000_000), none: null, yes: true },
    { level: "warn", event: "numbers", nan: null, endless: null, small: 1e-7, large: 1e21 },
    { level: "error", event: "secrets", token: "[Redacted]", key: "[Redacted]", token_type: "Bearer" },
  ]);
});

test("a log of one level leaves out what is less, and what cannot be written ends nothing", () => {
  const lines: string[] = [];
  const log = createLog("warn", (line) => lines.push(line));
  log.info("less");
  log.warn("more");
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).event),
    ["more"],
  );
  const full = createLog("info", () => {
    throw new Error("ENOSPC");
  });
  assert.doesNotThrow(() => full.error("the disk is full"));
  createLog("silent", (line) => lines.push(line)).error("nothing");
  assert.equal(lines.length, 1);
});
