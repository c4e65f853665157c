import assert from "node:assert/strict";
import { test } from "node:test";
import { clockText, fromNow, spanText } from "../../../src/cli/terminal/duration.ts";

test("seconds as a clock shows them", () => {
  assert.deepEqual([0, 59, 60, 847, 3_720, -5].map(clockText), ["0:00", "0:59", "1:00", "14:07", "1:02:00", "0:00"]);
});

test("FC-73 seconds as one says them, rounded down: what is said is never less than what there was", () => {
  assert.deepEqual([0, 1, 59, 60, 7_300, 172_800].map(spanText), [
    "0 seconds",
    "1 second",
    "59 seconds",
    "1 minute",
    "2 hours",
    "2 days",
  ]);
  assert.deepEqual([59.9, 1.9, 0.9].map(spanText), ["59 seconds", "1 second", "0 seconds"]);
  assert.equal(fromNow(0, 4_700), "4 seconds ago");
  assert.deepEqual([fromNow(90_000, 0), fromNow(0, 90_000)], ["in 1 minute", "1 minute ago"]);
});
