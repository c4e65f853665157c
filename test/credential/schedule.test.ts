import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { backoff } from "../../src/credential/backoff.ts";
import {
  DEFAULT_SETTINGS,
  type Issued,
  judge,
  operationTimeout,
  plan,
  reapReason,
  remainingSeconds,
  type Settings,
} from "../../src/credential/index.ts";
import { device, failed, issued, link, NOW } from "../support/credentials.ts";

const tuned = (settings: Partial<Settings>): Settings => ({ ...DEFAULT_SETTINGS, ...settings });

test("oauthapp 8.2 a refresh is due W before expiry, never before half the life", () => {
  assert.deepEqual(plan(issued, DEFAULT_SETTINGS), { task: "refresh", dueAt: NOW + 3_600_000 - 72_000 });
  const short = { ...issued, expiresAt: NOW + 60_000 };
  assert.deepEqual(plan(short, DEFAULT_SETTINGS), { task: "refresh", dueAt: NOW + 30_000 });
  assert.equal(plan(issued, tuned({ refreshCheckIntervalSeconds: 600 })).dueAt, NOW + 3_600_000 - 720_000);
});

test("C23 interval 0: nothing is refreshed by itself; no expiry or no refresh token: never", () => {
  assert.equal(plan(issued, tuned({ refreshCheckIntervalSeconds: 0 })).task, null);
  const { expiresAt: _, ...endless } = issued;
  assert.equal(plan(endless, DEFAULT_SETTINGS).task, null);
});

test("the jitter is fixed per credential and at most a tenth of the life and 300 s", () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 1, max: 10_000_000 }), (jitter, life) => {
      const state: Issued = { ...issued, jitter, expiresAt: NOW + life * 1000 };
      const due = plan(state, DEFAULT_SETTINGS).dueAt ?? 0;
      const without = plan({ ...state, jitter: 0 }, DEFAULT_SETTINGS).dueAt ?? 0;
      assert.ok(due <= without && without - due <= Math.min(life * 100, 300_000) + 1);
      assert.ok(due >= NOW + life * 500);
    }),
  );
});

test("back-off stays within its limits for every attempt", () => {
  fc.assert(
    fc.property(fc.nat(2_000), fc.double({ min: 0, max: 1, noNaN: true }), (attempt, random) => {
      const wait = backoff(attempt, { base: 5, cap: 900 }, random);
      assert.ok(wait >= 5 && wait <= 900);
    }),
  );
});

test("K04 a life of a hundred years is one due time, not a timer", () => {
  const century = { ...issued, expiresAt: NOW + 100 * 365 * 86_400_000 };
  assert.ok((plan(century, DEFAULT_SETTINGS).dueAt ?? 0) > NOW + 49 * 365 * 86_400_000);
});

test("C36–C39 the time of one operation", () => {
  const at = (remaining: number | undefined, settings = DEFAULT_SETTINGS) => operationTimeout(settings, remaining, 72);
  assert.equal(at(undefined), 30);
  assert.equal(at(72), 30);
  assert.equal(at(1000), 30);
  assert.equal(at(0), 45);
  assert.equal(at(-50), 45);
  assert.ok(at(36) > 30 && at(36) < 45);
  assert.equal(at(10, tuned({ providerTimeoutExpiryLeewayFactor: 1 })), 30);
  assert.equal(at(0, tuned({ providerTimeoutSeconds: 0 })), 120);
  assert.equal(at(0, tuned({ providerTimeoutSeconds: 100 })), 120);
  fc.assert(
    fc.property(fc.double({ min: 0.001, max: 71.9, noNaN: true }), (remaining) => {
      assert.ok(at(remaining) >= 29.99 && at(remaining) <= 45.01);
    }),
  );
});

const dead: Issued = { ...issued, trouble: { kind: "dead", reason: "invalid_grant", text: "gone", since: NOW } };
const { refreshToken: _rt, ...plain } = issued;
const temporary: Issued = {
  ...issued,
  trouble: {
    kind: "temporary",
    reason: "temporarily_unavailable",
    text: "down",
    attempts: 10,
    retryAt: NOW + 1e12,
    since: NOW,
    doubt: false,
  },
};
const serverless: Issued = {
  ...issued,
  trouble: {
    kind: "operator",
    reason: "server_missing",
    text: 'server "as" has configuration problems: server configuration does not exist (was it deleted?)',
    attempts: 1,
    retryAt: NOW + 1e12,
    since: NOW,
    doubt: false,
  },
};

test("C40 C41 the reaper: each criterion, when and why", () => {
  const expiry = NOW + 3_600_000;
  const rows: readonly [string, Parameters<typeof plan>[0], Partial<Settings>, number | null, string][] = [
    ["dead grant", dead, {}, expiry + 3_600_000, "token revoked: gone"],
    ["dead grant, off", dead, { reapRevokedSeconds: 0 }, null, "token revoked: gone"],
    ["failed flow", failed, {}, NOW + 3_600_000, `token revoked: ${failed.text}`],
    ["reaping off", failed, { reapCheckIntervalSeconds: 0 }, null, `token revoked: ${failed.text}`],
    ["expired, not refreshable", plain, {}, expiry + 86_400_000, "token expired"],
    ["expired, off", plain, { reapNonRefreshableSeconds: 0 }, null, "token expired"],
    ["temporary, off by default", temporary, { refreshCheckIntervalSeconds: 0 }, null, ""],
    [
      "temporary, by attempts and time",
      temporary,
      { refreshCheckIntervalSeconds: 0, reapTransientErrorAttempts: 10, reapTransientErrorSeconds: 60 },
      expiry + 60_000,
      "transient errors exceeded limits, most recently: down",
    ],
    [
      "temporary, not enough attempts",
      temporary,
      { refreshCheckIntervalSeconds: 0, reapTransientErrorAttempts: 11 },
      null,
      "",
    ],
    ["server deleted", serverless, { refreshCheckIntervalSeconds: 0 }, expiry + 86_400_000, "server"],
  ];
  for (const [title, state, settings, dueAt, reason] of rows) {
    const next = plan(state, tuned(settings));
    assert.equal(next.dueAt, dueAt, title);
    if (dueAt === null) continue;
    assert.equal(next.task, "reap", title);
    assert.ok(reapReason(state).startsWith(reason), title);
  }
});

test("a token that never expires, a pending flow and an operator's fault are never reaped", () => {
  const { expiresAt: _, ...endless } = dead;
  assert.equal(plan(endless, DEFAULT_SETTINGS).task, null);
  assert.equal(plan(device, DEFAULT_SETTINGS).task, "poll");
  assert.deepEqual(plan(link, DEFAULT_SETTINGS), { task: "expire", dueAt: link.expiresAt });
  const operator: Issued = {
    ...plain,
    trouble: {
      kind: "operator",
      reason: "invalid_client",
      text: "",
      attempts: 99,
      retryAt: NOW,
      since: NOW,
      doubt: false,
    },
  };
  assert.equal(plan(operator, DEFAULT_SETTINGS).task, null);
});

test("K01 a token issued by a clock that was ahead is not served on: nobody knows what is left of it", () => {
  const early = { ...issued, issuedAt: NOW + 7_200_000, expiresAt: NOW + 10_800_000 };
  assert.deepEqual(judge(early, 0, NOW).kind, "short");
  assert.equal(remainingSeconds(early, NOW), 0);
});

test("D12 an access token that never came is served to nobody, also by a clock that was set back", () => {
  const odd = { ...issued, accessToken: "", expiresAt: NOW };
  assert.equal(judge(odd, 0, NOW - 5_000).kind, "short");
});
