import assert from "node:assert/strict";
import { test } from "node:test";
import { activityOf } from "../../../src/cli/operate/activity.ts";
import { screen } from "../../../src/cli/operate/top-view.ts";
import { eventually } from "../../support/eventually.ts";
import { importGrant, startPair } from "../../support/misbehaving.ts";
import { person } from "../../support/person/person.ts";
import { ROOT_TOKEN } from "../../support/request.ts";

test("top on a pipe: one line per look, what has happened since the last one", async (t) => {
  const pair = await startPair(t);
  const alice = person(t, { COATCHECK_ADDR: pair.running.address, COATCHECK_OPERATOR_TOKEN: ROOT_TOKEN });
  await importGrant(pair, "first");
  const top = alice.start(["top", "--interval", "2", "--count", "2", "--json"]);
  await eventually("the first look", () => top.stdout().includes("\n"));
  await importGrant(pair, "second");
  assert.equal(await top.ended, 0, top.stderr());
  const [before, after, ...more] = top
    .stdout()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.deepEqual(more, []);
  assert.deepEqual([before.seconds, before.logins, before.failures, before.now.due], [0, 1, 0, 0]);
  assert.deepEqual([after.logins, after.failures], [1, 0]);
  assert.ok(after.seconds >= 2, "seconds");
});

test("top on a terminal is drawn over itself until q or Ctrl-C", async (t) => {
  const pair = await startPair(t);
  const alice = person(t, { COATCHECK_ADDR: pair.running.address, COATCHECK_OPERATOR_TOKEN: ROOT_TOKEN });
  for (const [key, code] of [
    ["q", 0],
    ["\x03", 130],
  ] as const) {
    const top = alice.type(["top", "--interval", "1"]);
    await top.sees(
      /coatcheck top {3}http\S+ {3}\S+Z {3}every 1 s, q ends\n[\s\S]*refreshes +… +0\n[\s\S]*\(since start\)\n[\s\S]*\n {2}servers paused +0\n/,
    );
    await top.sees(/refreshes +0\/s +0\n/);
    assert.ok(top.raw().includes("\x1b[14A\r"), "over what was there");
    top.press(key);
    assert.equal(await top.ended, code);
  }
});

const late = (le: string, value: number) => ({
  name: "coatcheck_lateness_seconds_bucket",
  labels: { le, task: "poll" },
  value,
});
const sample = (name: string, value: number) => ({
  name: `coatcheck_lateness_seconds_${name}`,
  labels: { task: "poll" },
  value,
});
const attempt = (kind: string, outcome: string, value: number) => ({
  name: "coatcheck_attempts_total",
  labels: { kind, outcome },
  value,
});

test("what happened between two looks: lateness by the histogram, and a broker that was started anew counts from there", () => {
  const before = [late("1", 10), late("5", 10), late("+Inf", 10), sample("sum", 5), sample("count", 10)];
  const after = [late("1", 28), late("5", 30), late("+Inf", 30), sample("sum", 15), sample("count", 30)];
  assert.deepEqual(activityOf(before, after, 2).lateness, { average: 0.5, most: 5 });
  assert.deepEqual(activityOf(after, after, 2).lateness, {});
  assert.deepEqual(activityOf(after, before, 2).lateness, { average: 0.5, most: 1 });
});

test("what failed is counted by what was tried and how it ended, the most first; what waits for a person is no failure", () => {
  const before = [attempt("refresh", "refused", 2), attempt("poll", "pending", 5)];
  const after = [attempt("refresh", "refused", 3), attempt("poll", "pending", 9), attempt("refresh", "unavailable", 4)];
  const { failures, failed, polls, refreshes } = activityOf(before, after, 2);
  assert.deepEqual([failures, polls, refreshes], [5, 4, 5]);
  assert.deepEqual(failed, [
    ["refresh unavailable", 4],
    ["refresh refused", 1],
  ]);
});

test("data that were moved are shown as such, and no take-over is advised", () => {
  const moved = activityOf([], [{ name: "coatcheck_moved", labels: {}, value: 1 }], 1);
  const text = screen("", moved, moved).join("\n");
  assert.match(text, /HAVE BEEN MOVED/);
  assert.doesNotMatch(text, /take-over/);
});

test("webhooks that their endpoints do not take are shown, where there are any", () => {
  const waiting = activityOf([], [{ name: "coatcheck_webhooks_waiting", labels: {}, value: 3 }], 1);
  assert.match(screen("", waiting, waiting).join("\n"), /^ {2}webhooks +3 wait for their endpoints$/m);
  const none = activityOf([], [], 1);
  assert.doesNotMatch(screen("", none, none).join("\n"), /webhooks/);
});
