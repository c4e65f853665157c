import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { hang } from "../../servers/faults.ts";
import { importGrant, type Pair, startDevice, startPair } from "../../support/misbehaving.ts";

/** When the claim on a credential ends, as the store has it; undefined = nobody holds one. */
function claimedUntil({ data }: Pair, name = "me"): number | undefined {
  const database = new DatabaseSync(join(data, "coatcheck.db"), { readOnly: true });
  const found = database.prepare("SELECT claim_until FROM row WHERE kind = 'creds' AND name = ?").get(name);
  database.close();
  return found?.claim_until === null ? undefined : Number(found?.claim_until);
}

test("C42 a claim is renewed for as long as its request lasts, and no longer", async (t) => {
  const pair = await startPair(t);
  await startDevice(pair);
  pair.as.reply("/token", hang);
  await pair.passUntil("the poll hangs", () => pair.as.to("/token").length === 1);
  // The provider's time-out is 30 s, a claim alone holds for 20.
  await pair.pass(26_000);
  const until = claimedUntil(pair) ?? 0;
  assert.ok(until > pair.clock.now() && until <= pair.clock.now() + 20_000);
  await pair.pass(6_000);
  assert.equal(claimedUntil(pair), undefined);
});

test("K01 a request is held for as long as it lasts, whatever somebody sets the host's clock to", async (t) => {
  const pair = await startPair(t);
  pair.as.tokens.accessLife = 100;
  await importGrant(pair);
  pair.as.reply("/token", hang);
  await pair.passUntil("the refresh hangs", () => pair.as.to("/token").length === 2);
  pair.clock.jump(3_600_000);
  await pair.pass(10_000);
  assert.equal(pair.as.holding.size, 1, "an hour ahead: it is still under way");
  pair.clock.jump(-7_200_000);
  pair.clock.stand(25_000);
  await pair.pass(1_000);
  assert.equal(pair.as.holding.size, 0, "an hour behind: its lease has ended all the same");
});

test("C03 a process that was stopped for longer than its lease ends its request and starts no second one", async (t) => {
  const pair = await startPair(t);
  pair.as.tokens.accessLife = 100;
  await importGrant(pair);
  pair.as.reply("/token", hang);
  await pair.passUntil("the refresh hangs", () => pair.as.to("/token").length === 2);
  pair.as.behave();
  pair.clock.stand(25_000);
  await pair.pass(1_000);
  assert.equal(pair.as.to("/token").length, 2, "the row is in our hands, lease or not");
  await pair.pass(5_000);
  const [, first, replay, ...more] = pair.as.to("/token").flatMap(({ form }) => form.get("refresh_token") ?? []);
  assert.equal(replay, first, "the doubt is resolved by one replay");
  assert.deepEqual(more, []);
  assert.equal((await pair.read("oauth2/creds/me")).status, 200);
});
