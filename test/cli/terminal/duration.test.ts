import assert from "node:assert/strict";
import { test } from "node:test";
import { clockText, fromNow, spanText } from "../../../src/cli/terminal/duration.ts";

test("seconds as a clock shows them", () => {
  assert.deepEqual([0, 59, 60, 847, 3_720, -5].map(clockText), ["0:00", "0:59", "1:00", "14:07", "1:02:00", "0:00"]);
});

test("FC-73 seconds as one says them, rounded down", () => {
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
  assert.deepEqual([fromNow(90_000, 0), fromNow(0, 90_000)], ["in 90 seconds", "90 seconds ago"]);
});

test("what is longer is said to the nearest: an hour that has just begun is an hour, and 90 minutes are not one", () => {
  const said = [
    [3_599, "1 hour"],
    [3_570, "1 hour"],
    [3_569, "59 minutes"],
    [3_629, "1 hour"],
    [5_400, "90 minutes"],
    [7_199, "2 hours"],
    [899, "15 minutes"],
    [86_399, "1 day"],
    [36 * 3_600, "36 hours"],
    [7 * 86_400 - 1, "7 days"],
    [90 * 86_400 - 60, "90 days"],
  ] as const;
  for (const [seconds, text] of said) assert.equal(spanText(seconds), text, String(seconds));
});
