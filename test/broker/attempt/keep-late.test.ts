import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { json, oauthError, proper } from "../../servers/faults.ts";
import type { Fault } from "../../servers/misbehaving.ts";
import { importGrant, type Pair, startDevice, startPair } from "../../support/misbehaving.ts";

/** What another instance does to a row while this one's request is away. */
function elsewhere({ data }: Pair, change: string): void {
  const database = new DatabaseSync(join(data, "coatcheck.db"));
  assert.equal(database.prepare(`UPDATE row SET ${change} WHERE kind = 'creds' AND name = 'me'`).run().changes, 1);
  database.close();
}

/** The proper answer, after something has happened elsewhere. */
function meanwhile(pair: Pair, change: string): Fault {
  return (exchange) => {
    elsewhere(pair, change);
    return proper()(exchange);
  };
}

const logged = (pair: Pair, event: string) => pair.logged.filter((line) => line.includes(event)).length;

test("C03 a poll that lost its lease brings the tokens: they are kept, because there will be no others", async (t) => {
  const pair = await startPair(t);
  await startDevice(pair);
  pair.as.tokens.approved = true;
  pair.as.reply("/token", meanwhile(pair, "claim = 'of-another-instance'"), oauthError("invalid_grant"));
  await pair.pass(8_000);
  assert.equal((await pair.read("oauth2/creds/me")).status, 200);
  assert.equal(logged(pair, "late_answer_kept"), 1);
  assert.equal(pair.as.to("/revoke").length, 0);
  assert.deepEqual(readdirSync(join(pair.data, "rescue")), ["reserve"]);
});

for (const change of ["claim = 'of-another-instance'", "revision = revision + 1"]) {
  test(`C03 C07 I5 the lineage settles a refresh, whoever holds the row and whatever else has changed: ${change}`, async (t) => {
    const pair = await startPair(t);
    pair.as.tokens.accessLife = 100;
    await importGrant(pair);
    const before = (await pair.read("oauth2/creds/me")).body?.data?.access_token;
    pair.as.reply("/token", meanwhile(pair, change), proper());
    await pair.passUntil("it is refreshed", () => pair.as.to("/token").length === 2, 300_000);
    await pair.pass(2_000);
    assert.notEqual((await pair.read("oauth2/creds/me")).body?.data?.access_token, before);
    assert.equal(logged(pair, "late_answer_kept"), 0, "it is the successor, not one beside it");
  });
}

test("C03 I2 a refresh that comes second keeps its successor beside the stored one, and it is tried before death", async (t) => {
  const pair = await startPair(t);
  pair.as.tokens.accessLife = 100;
  await importGrant(pair);
  const recovered = "lineage = 'of-another-refresh', revision = revision + 1";
  const refusal = oauthError("invalid_grant");
  pair.as.reply("/token", meanwhile(pair, recovered), refusal, refusal, proper());
  await pair.passUntil("the late answer is kept", () => logged(pair, "late_answer_kept") === 1, 300_000);
  await pair.passUntil("two refusals and one more", () => pair.as.to("/token").length === 5, 300_000);
  assert.equal((await pair.read("oauth2/creds/me")).status, 200);
  const sent = pair.as.to("/token").map(({ form }) => form.get("refresh_token"));
  assert.equal(sent.at(-2), sent.at(-3));
  assert.notEqual(sent.at(-1), sent.at(-2), "the other successor");
  assert.equal(pair.as.tokens.replays, 0);
});

test("I7 both successors are revoked when the credential is deleted", async (t) => {
  const pair = await startPair(t);
  pair.as.tokens.accessLife = 100;
  await importGrant(pair);
  pair.as.reply("/token", meanwhile(pair, "lineage = 'moved', revision = revision + 1"), oauthError("slow_down"));
  await pair.passUntil("the late answer is kept", () => logged(pair, "late_answer_kept") === 1, 300_000);
  assert.equal((await pair.delete("oauth2/creds/me")).status, 204);
  assert.equal(new Set(pair.as.to("/revoke").map(({ form }) => form.get("token"))).size, 2);
});

/** What a reaper elsewhere does. */
function reapedElsewhere({ data }: Pair): void {
  const database = new DatabaseSync(join(data, "coatcheck.db"));
  assert.equal(database.prepare("DELETE FROM row WHERE kind = 'creds' AND name = 'me'").run().changes, 1);
  database.close();
}

test("A8 a flow that is reaped while its poll is away: the late tokens are revoked, and nothing comes back", async (t) => {
  for (const next of [false, true]) {
    const pair = await startPair(t);
    await startDevice(pair);
    pair.as.tokens.approved = true;
    pair.as.reply("/token", async (exchange) => {
      const late = exchange.proper();
      reapedElsewhere(pair);
      if (next) await startDevice(pair, "me", { device_code: "of-the-next", interval: 60 });
      return json(late.status, late.body)(exchange);
    });
    await pair.pass(8_000);
    const revoked = pair.as.to("/revoke").map(({ form }) => form.get("token"));
    assert.equal(revoked.length, 1);
    assert.ok(!pair.as.tokens.isGood(String(revoked[0])));
    assert.equal((await pair.read("oauth2/creds/me")).status, next ? 503 : 404);
    pair.as.behave();
    await pair.pass(70_000);
    assert.equal((await pair.read("oauth2/creds/me")).status, next ? 200 : 404, "the next one is unharmed");
  }
});

test("A8 a credential that is reaped while its refresh is away: the successor is revoked, and nothing comes back", async (t) => {
  const pair = await startPair(t);
  pair.as.tokens.accessLife = 100;
  await importGrant(pair);
  pair.as.reply("/token", (exchange) => {
    reapedElsewhere(pair);
    return proper()(exchange);
  });
  await pair.passUntil("its successor is revoked", () => pair.as.to("/revoke").length === 1, 120_000);
  assert.equal(pair.as.tokens.revoked, 1);
  assert.equal((await pair.read("oauth2/creds/me")).status, 404);
});

test("I2 an answer that another instance left in escrow outlives a verdict that does not know it", async (t) => {
  const pair = await startPair(t);
  pair.as.tokens.accessLife = 100;
  await importGrant(pair);
  pair.as.reply("/token", (exchange) => {
    elsewhere(pair, "escrow = X'07', revision = revision + 1");
    return json(500, {})(exchange);
  });
  await pair.passUntil("a refresh fails", () => pair.as.to("/token").length === 2, 300_000);
  await pair.pass(5_000);
  const database = new DatabaseSync(join(pair.data, "coatcheck.db"), { readOnly: true });
  const row = database.prepare("SELECT escrow FROM row WHERE kind = 'creds'").get();
  database.close();
  assert.deepEqual(row?.escrow, new Uint8Array([7]));
  assert.equal(pair.as.to("/token").length, 2, "the token is not sent again while its successor may be there");
});
