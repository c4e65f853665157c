import assert from "node:assert/strict";
import { test } from "node:test";
import { hang } from "../../servers/faults.ts";
import { configure } from "../../support/misbehaving.ts";
import { ask, begin, beginActive, OPERATOR, startSessions } from "../../support/sessions.ts";

const REVOKE = "/sessions/revoke";

test("XD-12 an operator ends all sessions of a range of time at once, and the queue revokes them", async (t) => {
  const pair = await startSessions(t);
  await configure(pair, pair.as, { allow_sessions: true }, "other");
  const iso = () => new Date(pair.clock.now()).toISOString();
  const before = await beginActive(pair, { label: "before" });
  await pair.pass(60_000);
  const since = iso();
  const [one, two] = [await beginActive(pair, { label: "one" }), await beginActive(pair)];
  const other = await beginActive(pair, { server: "other" });
  await pair.pass(60_000);
  const until = iso();
  const after = await beginActive(pair);
  const pending = await begin(pair);
  pair.as.reply("/revoke", hang);
  const range = { since, until, server: "as" };
  const revoked = await ask(pair, "POST", REVOKE, { ...OPERATOR, body: range });
  assert.deepEqual([revoked.status, revoked.body], [200, { revoked: 2 }], "nobody waits for the provider");
  for (const { get } of [one, two]) assert.equal((await get("/token")).status, 401);
  for (const { get } of [before, other, after]) assert.equal((await get("/token")).status, 200);
  pair.as.behave();
  const isRevoked = () => pair.as.tokens.revoked === 2;
  await pair.passUntil("both grants are revoked", isRevoked, 300_000);
  assert.deepEqual((await ask(pair, "POST", REVOKE, { ...OPERATOR, body: range })).body, { revoked: 0 });
  assert.deepEqual((await ask(pair, "POST", REVOKE, { ...OPERATOR, body: { since } })).body, { revoked: 3 });
  assert.equal((await pending.get()).status, 401);
  assert.equal((await before.get("/token")).status, 200);
  const log = pair.logged.join("");
  assert.match(log, /"session_started".*"address":"127\.0\.0\.1","label":"one"/, "who began it is in the log");
  assert.match(log, /"sessions_revoked".*"count":2/);
});

test("a bulk revocation is the operator's alone, and names its range", async (t) => {
  const pair = await startSessions(t);
  const program = await beginActive(pair);
  const body = { since: "2000-01-01T00:00:00Z" };
  assert.equal((await ask(pair, "POST", REVOKE, { body })).status, 403);
  assert.equal((await ask(pair, "POST", REVOKE, { bearer: program.secret, body })).status, 403);
  for (const wrong of [
    {},
    { since: "yesterday" },
    { since: "2000-01-01" },
    { ...body, until: "2000-02-30T25:00:00Z" },
  ]) {
    const refused = await ask(pair, "POST", REVOKE, { ...OPERATOR, body: wrong });
    assert.equal(refused.status, 400, JSON.stringify(wrong));
    assert.match(String(refused.body.error_description), /must be a time like/);
  }
  assert.equal((await program.get("/token")).status, 200);
});
