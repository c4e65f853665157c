import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";

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
