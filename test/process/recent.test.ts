import assert from "node:assert/strict";
import { test } from "node:test";
import { Recent } from "../../src/compose/recent.ts";

const MINUTE = 60_000;

test("what happened of late is counted by the minute, and what is older than a day makes room", () => {
  let now = 100 * 1_440 * MINUTE + 30_000;
  const recent = new Recent(() => now);
  recent.attempt("refresh", "issued");
  recent.attempt("refresh", "recovered");
  recent.attempt("refresh", "refused");
  recent.attempt("refresh", "not_tried");
  recent.attempt("poll", "issued");
  recent.lateness(2);
  recent.lateness(-1);
  const slice = { from: now - 30_000, refreshed: 2, failed: 1, tasks: 2, late: 2, latest: 2 };
  assert.deepEqual(recent.last(60, 1).at(-1), slice);
  now += MINUTE;
  recent.lateness(3);
  const [before, present] = recent.last(2, 1);
  assert.deepEqual([before, present?.tasks, present?.from], [slice, 1, now - 30_000]);
  assert.deepEqual(recent.last(48, 30).at(-1), { ...slice, tasks: 3, late: 5, latest: 3 });
  now += 1_440 * MINUTE;
  assert.ok(recent.last(1_440, 1).every(({ tasks, refreshed }) => tasks === 0 && refreshed === 0));
  assert.equal(recent.last(60, 1).length, 60);
});
