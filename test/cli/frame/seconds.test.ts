import assert from "node:assert/strict";
import { test } from "node:test";
import { secondsOf } from "../../../src/cli/frame/seconds.ts";

test("an option that counts seconds: whole ones within its bounds; else usage, with what was typed", () => {
  assert.equal(secondsOf("--idle", undefined), undefined);
  assert.equal(secondsOf("--idle", "60"), 60);
  assert.equal(secondsOf("--min-valid", "0", { least: 0 }), 0);
  for (const [text, bounds] of [
    ["0"],
    ["soon"],
    [""],
    ["-1"],
    ["1.5"],
    ["1e3"],
    ["1000000000"],
    ["11", { most: 10 }],
  ] as const) {
    assert.throws(() => secondsOf("--idle", text, bounds), { message: `--idle "${text}" is not a number of seconds` });
  }
});
