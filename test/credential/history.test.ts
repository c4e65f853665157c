import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { attemptOf, type HistoryEntry, withEntry } from "../../src/credential/index.ts";
import { anyEvent, NOW, oauthError, refused } from "../support/credentials.ts";

const entry = (more: Partial<HistoryEntry> = {}): HistoryEntry => ({
  at: NOW,
  kind: "poll",
  outcome: "pending",
  instance: "host/a",
  ...more,
});

test("equal attempts in a row share an entry, with their number and the last time", () => {
  let history = withEntry([], entry());
  for (let i = 1; i <= 4; i++) history = withEntry(history, entry({ at: NOW + i * 5_000 }));
  assert.deepEqual(history, [entry({ lastAt: NOW + 20_000, count: 5 })]);
  for (const more of [{ instance: "host/b" }, { outcome: "issued" as const }, { reason: "slow_down" }]) {
    assert.equal(withEntry(history, entry(more)).length, 2, JSON.stringify(more));
  }
});

test("I9 a history is bounded, and its oldest entries go first", () => {
  let history: readonly HistoryEntry[] = [];
  for (let i = 0; i < 300; i++) history = withEntry(history, entry({ at: NOW + i, reason: `r${i}` }));
  assert.equal(history.length, 50);
  assert.equal(history.at(-1)?.reason, "r299");
});

test("what the outcomes are called", () => {
  const outcomeOf = (outcome: Parameters<typeof refused>[0]) => attemptOf(refused(outcome));
  assert.deepEqual(outcomeOf(oauthError("authorization_pending")), {
    outcome: "pending",
    reason: "authorization_pending",
  });
  assert.deepEqual(outcomeOf(oauthError("invalid_grant", { providerCode: "bad_refresh_token" })), {
    outcome: "refused",
    reason: "bad_refresh_token",
  });
  assert.deepEqual(outcomeOf({ kind: "ambiguous", text: "" }), { outcome: "in_doubt" });
  assert.deepEqual(outcomeOf({ kind: "unavailable", text: "", status: 429 }), {
    outcome: "unavailable",
    reason: "status_429",
  });
  const issue = { tokens: { accessToken: "secret", tokenType: "Bearer" }, requestedAt: NOW };
  assert.deepEqual(attemptOf({ type: "issued", issue, recovered: true }), { outcome: "recovered" });
});

test("I12 property: no attempt holds a token or a text from outside", () => {
  fc.assert(
    fc.property(anyEvent, (event) => {
      assert.doesNotMatch(JSON.stringify(attemptOf(event)), /at-|rt-|text of/);
    }),
  );
});
