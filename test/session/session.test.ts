import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { DEFAULT_SETTINGS } from "../../src/credential/index.ts";
import {
  belongsToSession,
  credentialName,
  endsOf,
  isOver,
  nextNote,
  readUserCode,
  type Session,
  sameLogin,
  sessionDue,
  sessionOf,
  statusOf,
  userCode,
} from "../../src/session/index.ts";
import { device, failed, issued, link, NOW } from "../support/credentials.ts";

const session: Session = {
  phase: "open",
  server: "as",
  scopes: ["read"],
  label: "",
  address: "192.0.2.1",
  createdAt: NOW,
  lastUsedAt: NOW,
};
const settings = { ...DEFAULT_SETTINGS, sessionIdleSeconds: 600, sessionLifetimeSeconds: 3_000 };
const HOUR = 3_600_000;

test("a session shows what its credential is", () => {
  const { refreshToken: _, ...once } = issued;
  const dead = { kind: "dead", reason: "invalid_grant", text: "gone", since: NOW } as const;
  const table = [
    [device, NOW, "pending"],
    [device, device.expiresAt, "expired"],
    [link, NOW, "pending"],
    [issued, NOW, "active"],
    [issued, NOW + 2 * HOUR, "active"],
    [once, NOW, "active"],
    [once, NOW + HOUR, "failed"],
    [{ ...issued, trouble: dead }, NOW, "active"],
    [{ ...issued, trouble: dead }, NOW + HOUR, "failed"],
    [failed, NOW, "denied"],
    [{ ...failed, reason: "expired_token" }, NOW, "expired"],
    [{ ...failed, reason: "outcome_unknown" }, NOW, "failed"],
  ] as const;
  for (const [state, now, kind] of table) assert.equal(statusOf(state, now).kind, kind, JSON.stringify(state));
});

test("a login that was denied says so, with what the provider says beside it, and what to do", () => {
  const textOf = (text: string) => {
    const status = statusOf({ ...failed, text }, NOW);
    return "ended" in status ? status.ended.text : "";
  };
  const plain = "the person denied the login; if that was a mistake, sign in again";
  assert.equal(textOf(failed.text), plain);
  assert.equal(textOf("the person denied the login"), plain);
  assert.equal(
    textOf(`${failed.text}: AADSTS53003: blocked`),
    "the person denied the login (the provider says: AADSTS53003: blocked); if that was a mistake, sign in again",
  );
  // RFC 6749 3.3: a server may refuse a request without a scope, and some say access_denied (oidc-provider).
  const bound = (scopes: readonly string[]) => {
    const binding = { baseUrl: "https://h/mcp", issuer: "https://h", metadata: { issuer: "https://h" }, scopes };
    const status = statusOf({ ...failed, grant: { ...failed.grant, scopes: [], binding } }, NOW);
    return "ended" in status ? status.ended.text : "";
  };
  assert.equal(bound(["tools"]), plain);
  assert.match(
    bound([]),
    /^the person denied the login, or the provider did because it asks for no scopes \(--scopes names some\), sign in again$/,
  );
});

test("a session ends by idleness or age, whichever comes first; 0 means never", () => {
  assert.deepEqual(endsOf(session, settings), { idleAt: NOW + 600_000, at: NOW + 3_000_000 });
  assert.deepEqual(endsOf(session, { ...settings, sessionIdleSeconds: 0, sessionLifetimeSeconds: 0 }), {});
  assert.equal(sessionDue(session, issued, settings), NOW + 600_000);
  assert.equal(sessionDue(session, issued, { ...settings, sessionIdleSeconds: 0, sessionLifetimeSeconds: 0 }), null);
  assert.equal(isOver(session, issued, settings, NOW + 599_999), false);
  assert.equal(isOver(session, issued, settings, NOW + 600_000), true);
  assert.equal(isOver({ ...session, lastUsedAt: NOW + 2_900_000 }, issued, settings, NOW + 3_000_000), true);
});

test("a login that came to nothing is told for an hour; a pending one decides by itself", () => {
  const long = { ...settings, sessionIdleSeconds: 86_400, sessionLifetimeSeconds: 0 };
  assert.equal(isOver(session, failed, long, failed.failedAt + HOUR - 1), false);
  assert.equal(isOver(session, failed, long, failed.failedAt + HOUR), true);
  assert.equal(isOver(session, { ...failed, last: issued }, long, failed.failedAt + HOUR), false);
  assert.equal(isOver(session, device, settings, device.expiresAt + 2 * HOUR), false);
});

test("a use is noted each hour, or more often where the idle life is short", () => {
  assert.equal(nextNote(session, DEFAULT_SETTINGS), NOW + HOUR);
  assert.equal(nextNote(session, settings), NOW + 30_000);
});

test("XD RFC 8628 6.1 a user code is read however it is typed, and nothing else is one", () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 19 }), { minLength: 8, maxLength: 8 }), (numbers) => {
      const code = userCode(() => numbers.shift() ?? 0);
      assert.match(code, /^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
      for (const typed of [code, code.toLowerCase(), code.replace("-", ""), ` ${code.replace("-", " ")} `]) {
        assert.equal(readUserCode(typed), code);
      }
    }),
  );
  for (const typed of ["", "WDJB", "WDJB-MJHTX", "WDJA-MJHT", "0000-0000", "WDJB-MJHT".repeat(20)]) {
    assert.equal(readUserCode(typed), undefined, typed);
  }
});

test("names of sessions are theirs alone, and the same login is told by all of its parts", () => {
  assert.equal(sessionOf(credentialName("ses_1")), "ses_1");
  assert.ok(belongsToSession(credentialName("ses_1")));
  assert.ok(!belongsToSession("sessions"));
  const asked = { secret: "s", server: "as", scopes: ["a", "b"], label: "l", flow: "", account: "", life: 0 };
  const login = { ...asked, options: { a: "1", b: "2" }, tools: {} };
  assert.equal(sameLogin(login), sameLogin({ ...login, scopes: ["b", "a"], options: { b: "2", a: "1" } }));
  for (const other of [
    { secret: "t" },
    { server: "at" },
    { scopes: ["a b"] },
    { label: "" },
    { flow: "page" },
    { account: "me" },
    { life: 60 },
    { options: {} },
    { tools: { allow: ["read*"] } },
    { tools: { deny: ["read*"] } },
  ]) {
    assert.notEqual(sameLogin(login), sameLogin({ ...login, ...other }));
  }
});
