import assert from "node:assert/strict";
import { test } from "node:test";
import { empty, hang, oauthError } from "../../servers/faults.ts";
import { eventually } from "../../support/eventually.ts";
import { importGrant, type Pair, startPair } from "../../support/misbehaving.ts";

/** A token of so many seconds that only reads refresh. */
async function tokenOf(pair: Pair, seconds: number) {
  await pair.write("oauth2/config", { tune_refresh_check_interval_seconds: 0 });
  pair.as.tokens.accessLife = seconds;
  await importGrant(pair);
}

const asked = (pair: Pair) => pair.as.to("/token").length;

test("FC-74 what is left is compared exactly, and a minimum close to the life burns no rotations", async (t) => {
  const pair = await startPair(t);
  await tokenOf(pair, 30);
  const read = () => pair.read("oauth2/creds/me?minimum_seconds=29");
  pair.clock.stand(20);
  assert.equal((await read()).status, 200, "29.98 s are 29 s and more");
  pair.clock.stand(1_500);
  const short = await read();
  assert.deepEqual([short.status, short.body?.data?.reason], [400, "token_too_short"]);
  assert.equal(short.body?.errors?.[0], "token is valid for 28 s, less than the 29 s asked for");
  assert.equal(asked(pair), 1, "not within a tenth of its life");
  pair.clock.stand(1_500);
  assert.equal((await read()).status, 200, "another one satisfies it");
  assert.equal(asked(pair), 2);
  for (let second = 0; second < 10; second++) {
    pair.clock.stand(1_000);
    await read();
  }
  assert.ok(asked(pair) <= 5, `${asked(pair)} requests`);
});

test("FC-74 a minimum that no token of this server satisfies refreshes nothing", async (t) => {
  const pair = await startPair(t);
  await tokenOf(pair, 30);
  for (let second = 0; second < 19; second++) {
    pair.clock.stand(1_000);
    assert.equal((await pair.read("oauth2/creds/me?minimum_seconds=30")).status, 400);
  }
  assert.equal(asked(pair), 1);
});

test("FC-89 during an outage the living token is served to its end, with the warning", async (t) => {
  const pair = await startPair(t);
  await tokenOf(pair, 60);
  pair.clock.stand(52_000);
  pair.as.reply("/token", empty(503, { "retry-after": "60" }));
  for (const left of [8, 4, 1]) {
    const { status, body } = await pair.read("oauth2/creds/me");
    assert.equal(status, 200, `${left} s before its end`);
    assert.match(String(body?.warnings), /attempt to refresh this token failed/);
    const more = await pair.read("oauth2/creds/me?minimum_seconds=9");
    assert.deepEqual(
      [more.status, more.body?.data?.reason],
      [503, "temporarily_unavailable"],
      "not to who asks for more",
    );
    pair.clock.stand((left / 2 - 0.001) * 1_000);
  }
  pair.clock.stand(4_000);
  assert.equal((await pair.read("oauth2/creds/me")).status, 503);
});

test("FC-89 the same while an operator's fault lasts, and of a refresh that hangs longer than a read waits", async (t) => {
  const pair = await startPair(t);
  await tokenOf(pair, 60);
  pair.clock.stand(51_000);
  pair.as.reply("/token", oauthError("invalid_client", 401));
  assert.equal((await pair.read("oauth2/creds/me")).status, 200);
  const slow = await startPair(t);
  await tokenOf(slow, 60);
  slow.clock.stand(50_500);
  slow.as.reply("/token", hang);
  const reading = slow.read("oauth2/creds/me");
  await eventually("the refresh hangs", () => asked(slow) === 2);
  await slow.pass(9_100);
  assert.equal((await reading).status, 200);
});
