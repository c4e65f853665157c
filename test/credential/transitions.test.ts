import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  type Credential,
  DEFAULT_SETTINGS,
  type DevicePending,
  type Event,
  earliestTry,
  type Issued,
  plan,
  transition,
} from "../../src/credential/index.ts";
import { anyEvent, anyState, device, failed, issued, link, NOW, oauthError, refused } from "../support/credentials.ts";

const at = { now: NOW, random: 0.5 };

function step(state: Credential, event: Event, moment = at): Credential {
  const next = transition(state, event, moment);
  assert.ok(next, `${state.status} can ${event.type}`);
  return next;
}

/** A step after which the credential is issued. */
function issuedBy(state: Credential, event: Event, moment = at): Issued {
  const next = step(state, event, moment);
  assert.ok(next.status === "issued", `${next.status} after ${event.type}`);
  return next;
}

/** A step after which the device flow is still pending. */
function pendingBy(state: Credential, event: Event, moment = at): DevicePending {
  const next = step(state, event, moment);
  assert.ok(next.status === "pending" && next.flow === "device", `${next.status} after ${event.type}`);
  return next;
}

const possible: Record<string, readonly Event["type"][]> = {
  device: ["issued", "late", "refused", "identity-refused", "server-unusable", "server-written", "lapsed"],
  code: ["issued", "declined", "refused", "identity-refused", "lapsed"],
  issued: ["issued", "refused", "subject-changed", "server-unusable", "server-written"],
  failed: ["late"],
};

/** Beyond the table: a dead grant can be tried again, and only a successor nobody holds yet is news. */
function isPossible(state: Credential, event: Event): boolean {
  const kind = state.status === "pending" ? state.flow : state.status;
  if (possible[kind]?.includes(event.type)) return true;
  if (state.status === "failed") return event.type === "retry" && state.last !== undefined;
  if (state.status !== "issued") return false;
  const isDead = state.trouble?.kind === "dead";
  if (event.type === "retry") return isDead;
  if (event.type === "held") return !isDead;
  if (event.type === "id-token-judged") return state.unverifiedIdToken !== undefined;
  if (event.type === "server-back") return state.trouble?.kind === "temporary" && state.trouble.retryAt > NOW;
  if (event.type !== "late") return false;
  const { refreshToken } = event.issue.tokens;
  return isDead || (refreshToken !== undefined && refreshToken !== state.refreshToken);
}

test("every state has an answer for every event, and only the possible ones change it", () => {
  fc.assert(
    fc.property(anyState, anyEvent, (state, event) => {
      assert.equal(transition(state, event, at) !== undefined, isPossible(state, event));
    }),
    { numRuns: 2_000 },
  );
});

test("invariant 7: no trouble of an operator, of the network or of the provider ends a grant", () => {
  fc.assert(
    fc.property(anyEvent, (event) => {
      const next = transition(issued, event, at);
      if (next?.status !== "failed") return;
      assert.equal(event.type, "subject-changed");
    }),
  );
});

test("a refresh token is never forgotten but for another one or the end of the grant", () => {
  fc.assert(
    fc.property(anyState, fc.array(anyEvent, { maxLength: 12 }), (start, events) => {
      let state: Credential = start;
      for (const event of events) {
        const next = transition(state, event, at);
        if (!next) continue;
        if (state.status === "issued" && state.refreshToken !== undefined && next.status === "issued") {
          assert.ok(next.refreshToken !== undefined);
        }
        state = next;
      }
    }),
    { numRuns: 2_000 },
  );
});

test("every state has one plan, and a poll is never planned before it may be made", () => {
  fc.assert(
    fc.property(anyState, fc.array(anyEvent, { maxLength: 8 }), (start, events) => {
      let state: Credential = start;
      for (const event of events) state = transition(state, event, at) ?? state;
      const next = plan(state, DEFAULT_SETTINGS);
      assert.equal(next.task === null, next.dueAt === null);
      if (next.task === "poll" && state.status === "pending" && state.flow === "device") {
        assert.equal(next.dueAt, Math.min(state.notBefore, state.expiresAt));
      }
    }),
    { numRuns: 2_000 },
  );
});

test("DEV-12 authorization_pending: the interval stays and the wait is one interval", () => {
  const next = pendingBy({ ...device, unanswered: 4 }, refused(oauthError("authorization_pending")));
  assert.equal(next.interval, 5);
  assert.equal(next.unanswered, 0);
  assert.equal(next.notBefore, NOW + 5_000);
});

test("DEV-13 A2 slow_down: 5 s more for this and all later polls, cumulatively", () => {
  let state = device;
  for (const interval of [10, 15, 20]) {
    state = pendingBy(state, refused(oauthError("slow_down")));
    assert.equal(state.interval, interval);
    assert.equal(state.notBefore, NOW + interval * 1000);
  }
  assert.equal(pendingBy(state, refused(oauthError("authorization_pending"))).interval, 20);
});

test("DEV-14 slow_down with an interval: the larger of old + 5 and the given one", () => {
  assert.equal(pendingBy(device, refused(oauthError("slow_down", { interval: 30 }))).interval, 30);
  assert.equal(pendingBy(device, refused(oauthError("slow_down", { interval: 1 }))).interval, 10);
});

test("DEV-18 A3 without an answer the wait doubles to a minute; an answer resets it, the slow_down part stays", () => {
  const lost: Event = refused({ kind: "unavailable", text: "authorization server unavailable" });
  const waits: number[] = [];
  let state = device;
  for (let i = 0; i < 6; i++) {
    const next = pendingBy(state, lost, { now: NOW, random: 0 });
    waits.push((next.notBefore - NOW) / 1000);
    state = next;
  }
  assert.deepEqual(waits, [10, 20, 40, 60, 60, 60]);
  const jittered = pendingBy(device, lost, { now: NOW, random: 0.99 });
  assert.ok(jittered.notBefore - NOW >= 10_000 && jittered.notBefore - NOW <= 11_000);
  assert.equal(pendingBy(state, refused(oauthError("authorization_pending"))).notBefore, NOW + 5_000);
});

test("DEV-19 Retry-After is honoured where it is longer than the back-off", () => {
  const next = pendingBy(device, refused({ kind: "unavailable", text: "", status: 429, retryAfter: 120 }));
  assert.equal(next.notBefore, NOW + 120_000);
});

test("DEV-15 DEV-16 DEV-17 A5 any other error ends the flow, each with its own reason", () => {
  const ends = { access_denied: "access_denied", expired_token: "expired_token", invalid_grant: "invalid_grant" };
  for (const [code, reason] of [
    ...Object.entries(ends),
    ["brand_new_error", "rejected"],
    ["invalid_scope", "rejected"],
  ]) {
    const next = step(device, refused(oauthError(code ?? "")));
    assert.ok(next.status === "failed" && next.reason === reason, code);
  }
});

test("DEV-22 invalid_grant after an answer was lost is outcome_unknown, never the person's refusal", () => {
  const lost = step(device, refused({ kind: "ambiguous", text: "" }));
  const next = step(lost, refused(oauthError("invalid_grant")));
  assert.ok(next.status === "failed" && next.reason === "outcome_unknown");
  const killed = step(device, refused(oauthError("invalid_grant"), true));
  assert.ok(killed.status === "failed" && killed.reason === "outcome_unknown");
});

test("C03 a successor that came late is kept beside the stored one, and tried before the grant is dead", () => {
  const tokens = { accessToken: "at-2", tokenType: "Bearer", refreshToken: "rt-late" };
  const late: Event = { type: "late", issue: { tokens, requestedAt: NOW } };
  const both = issuedBy(issued, late);
  assert.deepEqual([both.refreshToken, both.sibling, both.accessToken], ["rt-1", "rt-late", "at-1"]);
  const suspect = step(both, refused(oauthError("invalid_grant")));
  const second = issuedBy(suspect, refused(oauthError("invalid_grant")));
  assert.deepEqual([second.refreshToken, second.sibling, second.trouble?.kind], ["rt-late", undefined, "temporary"]);
  assert.deepEqual(plan(second, DEFAULT_SETTINGS), { task: "refresh", dueAt: NOW });
  const last = issuedBy(step(second, refused(oauthError("invalid_grant"))), refused(oauthError("invalid_grant")));
  assert.equal(last.trouble?.kind, "dead", "and then there is no other");
  const fresh: Event = { type: "issued", issue: { tokens: { ...tokens, refreshToken: "rt-2" }, requestedAt: NOW } };
  assert.equal(issuedBy(both, fresh).sibling, undefined, "the stored one has proved to work");
});

test("C03 tokens that come late revive what was called dead or lost", () => {
  const tokens = { accessToken: "at-2", tokenType: "Bearer", refreshToken: "rt-late", expiresIn: 60 };
  const late: Event = { type: "late", issue: { tokens, requestedAt: NOW } };
  const lost = { ...failed, reason: "outcome_unknown" as const };
  for (const state of [device, lost]) assert.equal(issuedBy(state, late).refreshToken, "rt-late");
  const dead = step(issued, refused(oauthError("invalid_grant"), true));
  const revived = issuedBy(dead, late);
  assert.deepEqual([revived.refreshToken, revived.trouble], ["rt-late", undefined]);
});

test("a dead grant can be tried once more, as long as it is kept", () => {
  const dead = step({ ...issued, expiresAt: NOW - 1 }, refused(oauthError("invalid_grant"), true));
  assert.equal(dead.status, "failed");
  const tried = issuedBy(dead, { type: "retry" });
  assert.deepEqual([tried.refreshToken, tried.trouble?.kind], ["rt-1", "temporary"]);
  assert.deepEqual(plan(tried, DEFAULT_SETTINGS), { task: "refresh", dueAt: NOW });
  assert.equal(transition(failed, { type: "retry" }, at), undefined);
});

test("an operator's fault suspends polling until the server is written, then it goes on", () => {
  for (const code of ["invalid_client", "unauthorized_client"]) {
    const suspended = step(device, refused(oauthError(code)));
    assert.deepEqual(plan(suspended, DEFAULT_SETTINGS), { task: "expire", dueAt: device.expiresAt });
    const resumed = step(suspended, { type: "server-written" });
    assert.equal(plan(resumed, DEFAULT_SETTINGS).task, "poll");
  }
});

test("CL-04 invalid_grant is confirmed once, 30 to 60 s later, before the grant is dead", () => {
  const suspect = issuedBy(issued, refused(oauthError("invalid_grant")));
  assert.equal(suspect.trouble?.kind, "suspect");
  const wait = (suspect.trouble.retryAt - NOW) / 1000;
  assert.ok(wait >= 30 && wait <= 60);
  const dead = issuedBy(suspect, refused(oauthError("invalid_grant")));
  assert.ok(dead.trouble?.kind === "dead" && dead.trouble.reason === "invalid_grant");
  assert.notEqual(plan(dead, DEFAULT_SETTINGS).task, "refresh");
});

test("CL-04 invalid_grant after an attempt in doubt is lost_in_rotation at once", () => {
  for (const first of [
    refused({ kind: "ambiguous", text: "" }),
    refused({ kind: "unavailable", text: "", status: 503 }),
  ]) {
    const doubtful = step(issued, first);
    const dead = issuedBy(doubtful, refused(oauthError("invalid_grant")));
    assert.ok(dead.trouble?.kind === "dead" && dead.trouble.reason === "lost_in_rotation");
  }
  const clean = step(issued, refused({ kind: "unavailable", text: "" }));
  assert.equal(issuedBy(clean, refused(oauthError("invalid_grant"))).trouble?.kind, "suspect");
});

test("a dead grant whose access token has ended is failed", () => {
  const expired = { ...issued, expiresAt: NOW - 1 };
  const dead = step(expired, refused(oauthError("invalid_grant"), true));
  assert.ok(dead.status === "failed" && dead.reason === "lost_in_rotation");
});

test("A13 an operator's fault pauses with back-off of 1 to 30 min and ends with the next server write", () => {
  let state: Issued = issued;
  for (let i = 0; i < 12; i++) {
    state = issuedBy(state, refused(oauthError("invalid_client")));
    assert.ok(state.trouble?.kind === "operator");
    const wait = (state.trouble.retryAt - NOW) / 1000;
    assert.ok(wait >= 60 && wait <= 1800);
  }
  assert.equal(issuedBy(state, { type: "server-written" }).trouble, undefined);
});

test("a doubt about the token survives a new server record", () => {
  const doubtful = step(issued, refused({ kind: "ambiguous", text: "" }));
  const written = issuedBy(step(doubtful, refused(oauthError("invalid_client"))), { type: "server-written" });
  const dead = issuedBy(written, refused(oauthError("invalid_grant")));
  assert.ok(dead.trouble?.kind === "dead" && dead.trouble.reason === "lost_in_rotation");
});

test("OA-10 a new refresh token replaces the old; without one the old stays", () => {
  const tokens = { accessToken: "at-2", tokenType: "Bearer", expiresIn: 60 };
  const kept = issuedBy(issued, { type: "issued", issue: { tokens, requestedAt: NOW } });
  assert.equal(kept.refreshToken, "rt-1");
  const rotated = { ...tokens, refreshToken: "rt-2" };
  assert.equal(issuedBy(issued, { type: "issued", issue: { tokens: rotated, requestedAt: NOW } }).refreshToken, "rt-2");
});

test("D12 a refresh token without an access token is kept and refreshed at once", () => {
  const tokens = { accessToken: "", tokenType: "Bearer", refreshToken: "rt-2", expiresIn: 3600 };
  const next = issuedBy(issued, { type: "issued", issue: { tokens, requestedAt: NOW } });
  assert.equal(next.refreshToken, "rt-2");
  const due = plan(next, DEFAULT_SETTINGS);
  assert.ok(due.task === "refresh" && due.dueAt <= NOW);
});

test("a flow that has ended, or a link that was refused, stays ended", () => {
  assert.equal(transition(failed, { type: "lapsed" }, at), undefined);
  const refusal = { code: "access_denied", providerCode: "access_denied" };
  const next = step(link, { type: "declined", error: refusal, text: "no" });
  assert.ok(next.status === "failed" && next.reason === "access_denied");
});

test("FC-32 a token in doubt is spared to the end of the access token, and no longer: then whoever waits may try", () => {
  const lost = { kind: "ambiguous", text: "lost" } as const;
  const now = NOW + 60_000;
  const doubt = {
    kind: "temporary",
    reason: "temporarily_unavailable",
    text: "",
    attempts: 9,
    retryAt: now,
    since: NOW,
    doubt: true,
  } as const;
  const after = (expiresAt: number) =>
    issuedBy(
      { ...issued, expiresAt, trouble: { ...doubt, doubtSince: NOW } },
      { ...refused(lost), grace: 15 },
      { now, random: 0.5 },
    );
  const living = after(now + 30_000);
  assert.equal(earliestTry(living), now + 30_000);
  assert.equal(earliestTry(after(now - 1)), 0);
});

test("a doubt is put to the test again and again within the provider's grace, whatever the back-off says", () => {
  const grace = 30;
  const lost = { kind: "ambiguous", text: "" } as const;
  const down = { kind: "unavailable", text: "" } as const;
  for (const outcome of [lost, down]) {
    let [state, now] = [issuedBy(issued, { ...refused(lost), grace }), NOW];
    const asked: number[] = [];
    while (now - NOW < grace * 1_000) {
      assert.ok(state.trouble?.kind === "temporary");
      now = state.trouble.retryAt;
      asked.push((now - NOW) / 1_000);
      state = issuedBy(state, { ...refused(outcome), grace }, { now, random: 0.999 });
    }
    const within = asked.filter((seconds) => seconds < grace);
    assert.ok(within.length >= 4 && within.length <= 8, `${asked}`);
    assert.ok((within.at(-1) ?? 0) > 0.8 * grace, `${asked}`);
  }
  const patient = issuedBy(issued, { ...refused({ ...lost, retryAfter: 20 }), grace });
  assert.ok(patient.trouble?.kind === "temporary" && patient.trouble.retryAt === NOW + 20_000, "Retry-After holds");
  const tooLate = issuedBy(issued, { ...refused({ ...lost, retryAfter: 60 }), grace });
  assert.ok(tooLate.trouble?.kind === "temporary" && tooLate.trouble.retryAt === issued.expiresAt, "MX-F3");
  const untouched = issuedBy(issued, { ...refused(down), grace: 4 }, { now: NOW, random: 0.5 });
  assert.ok(untouched.trouble?.kind === "temporary" && untouched.trouble.retryAt >= NOW + 5_000, "nothing is in doubt");
});

test("FC-32 a try before its time, for a reader who waits, makes nobody wait longer and counts for no limit of attempts", () => {
  const unavailable = refused({ kind: "unavailable", text: "away" });
  const attemptsOf = (state: Credential) =>
    state.status === "issued" && state.trouble?.kind === "temporary" ? state.trouble.attempts : 0;
  const once = step(issued, unavailable);
  assert.equal(attemptsOf(step(once, unavailable)), 1);
  const later = { now: NOW + 3_600_000, random: 0.5 };
  assert.equal(attemptsOf(step(once, unavailable, later)), 2);
});
