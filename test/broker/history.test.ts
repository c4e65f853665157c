import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { html, oauthError, reset } from "../servers/faults.ts";
import { importGrant, type Pair, startDevice, startPair } from "../support/misbehaving.ts";

type Attempt = Record<string, unknown>;

async function historyOf(pair: Pair, name = "me"): Promise<readonly Attempt[]> {
  const { status, body } = await pair.read(`oauth2/creds/${name}/history`);
  assert.equal(status, 200);
  return body?.data?.attempts as readonly Attempt[];
}

const brief = (attempts: readonly Attempt[]) =>
  attempts.map(({ kind, outcome, reason, count }) => [kind, outcome, reason, count].filter(Boolean).join(" "));

test("an operator can read the life of a credential: every attempt, with its outcome and its reason", async (t) => {
  const pair = await startPair(t);
  pair.as.tokens.accessLife = 200;
  await startDevice(pair);
  await pair.pass(16_000);
  pair.as.tokens.approved = true;
  await pair.pass(6_000);
  pair.as.reply("/token", html(503), reset);
  await pair.passUntil("both failures", () => pair.as.to("/token").length >= 6);
  pair.as.behave();
  await pair.pass(40_000);
  const attempts = await historyOf(pair);
  assert.deepEqual(brief(attempts), [
    "device started",
    "poll pending authorization_pending 3",
    "poll issued",
    "refresh unavailable status_503",
    "refresh in_doubt",
    "refresh recovered",
  ]);
  for (const { time, instance } of attempts) {
    assert.match(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.match(String(instance), /^[^/]+\/[\w-]{6}$/);
  }
  const answer = JSON.stringify(attempts);
  for (const { form } of pair.as.requests) for (const value of form.values()) assert.ok(!answer.includes(`"${value}"`));
});

test("the story goes on over a rewrite, and a restart shows as another instance", async (t) => {
  const pair = await startPair(t);
  await importGrant(pair, "team/bot");
  const again = await pair.restart();
  await importGrant({ ...again, as: pair.as }, "team/bot");
  const attempts = await historyOf({ ...again, as: pair.as }, "team/bot");
  assert.deepEqual(brief(attempts), ["import issued", "import issued"]);
  assert.equal(new Set(attempts.map(({ instance }) => instance)).size, 2);
  assert.equal((await again.read("oauth2/creds/nobody/history")).status, 404);
  assert.equal((await again.write("oauth2/creds/x/history", { server: "as" })).status, 405);
  for (const name of ["a/b/history", "a/b/retry/x/retry"]) {
    const { status, body } = await again.write(`oauth2/creds/${name}`, { server: "as", refresh_token: "x" });
    assert.equal(status, 400, name);
    assert.match(body?.errors?.[0] ?? "", /a name cannot end in|no failed grant/);
  }
});

/** A grant the provider refuses until it is dead; its access token has expired. */
async function dead(pair: Pair): Promise<void> {
  pair.as.tokens.accessLife = 100;
  await importGrant(pair);
  pair.as.reply("/token", oauthError("invalid_grant"));
  await pair.pass(200_000);
  pair.as.behave();
}

test("a dead grant is kept: tried once more on request, it comes back when the verdict was wrong", async (t) => {
  const pair = await startPair(t);
  await dead(pair);
  assert.equal((await pair.read("oauth2/creds/me")).status, 400);
  const calls = pair.as.to("/token").length;
  assert.equal((await pair.write("oauth2/creds/me/retry")).status, 204);
  await pair.pass(1_000);
  assert.equal(pair.as.to("/token").length, calls + 1);
  assert.equal((await pair.read("oauth2/creds/me")).status, 200);
  assert.deepEqual(brief(await historyOf(pair)).slice(-2), ["retry started", "refresh issued"]);
  const refused = await pair.write("oauth2/creds/me/retry");
  assert.equal(refused.status, 400);
  assert.deepEqual(refused.body?.errors, ["there is no failed grant with that name to retry"]);
});

test("quarantine: a reaped grant can be tried again for seven days, and is gone after that", async (t) => {
  const pair = await startPair(t);
  await pair.write("oauth2/config", { tune_reap_revoked_seconds: 60 });
  await dead(pair);
  await pair.pass(80_000);
  assert.equal((await pair.read("oauth2/creds/me")).status, 404);
  neverBoth(pair.data);
  assert.equal((await pair.write("oauth2/creds/me/retry")).status, 204);
  await pair.pass(1_000);
  assert.equal((await pair.read("oauth2/creds/me")).status, 200);
  pair.as.reply("/token", oauthError("invalid_grant"));
  await pair.pass(300_000);
  assert.equal((await pair.read("oauth2/creds/me")).status, 404);
  pair.clock.stand(7 * 86_400_000);
  await pair.pass(2_000);
  assert.equal((await pair.write("oauth2/creds/me/retry")).status, 400);
});

/** From here on the store refuses what a crash could leave: a grant that is alive and in quarantine at once. */
function neverBoth(data: string): void {
  const database = new DatabaseSync(join(data, "coatcheck.db"));
  database.exec(`CREATE TRIGGER never_both AFTER INSERT ON row
    WHEN NEW.kind = 'creds' AND EXISTS (SELECT 1 FROM row WHERE kind = 'quarantine' AND name = NEW.name)
    BEGIN SELECT RAISE(ABORT, 'alive and in quarantine'); END`);
  database.close();
}

test("I7 what was deleted or rewritten is not in quarantine", async (t) => {
  const pair = await startPair(t);
  await pair.write("oauth2/config", { tune_reap_revoked_seconds: 60 });
  await dead(pair);
  await pair.pass(80_000);
  assert.equal((await pair.delete("oauth2/creds/me")).status, 204);
  assert.equal((await pair.write("oauth2/creds/me/retry")).status, 400);
});
