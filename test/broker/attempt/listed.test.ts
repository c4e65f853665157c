import assert from "node:assert/strict";
import { test } from "node:test";
import { oauthError } from "../../servers/faults.ts";
import { configure, importGrant, type Pair, startDevice, startPair } from "../../support/misbehaving.ts";

async function listed(pair: Pair, query: string) {
  const { status, body } = await pair.read(`oauth2/creds?list=true&${query}`);
  assert.equal(status, 200, query);
  return body?.data as { keys: string[]; key_info: Record<string, Record<string, unknown>>; next?: string };
}

async function stateOf(pair: Pair, name: string): Promise<Record<string, unknown>> {
  return (await pair.read(`oauth2/creds/${name}/history`)).body?.data?.credential as Record<string, unknown>;
}

test("credentials are found by status and server, page by page; the history says what each is, and refreshes nothing", async (t) => {
  const pair = await startPair(t);
  await configure(pair, pair.as, {}, "other");
  pair.as.tokens.accessLife = 300;
  await importGrant(pair, "b/dead");
  await importGrant(pair, "a");
  pair.as.tokens.accessLife = 9_000;
  await importGrant(pair, "c", { server: "other" });
  pair.as.reply("/token", oauthError("invalid_grant"));
  await pair.pass(310_000);
  pair.as.behave();
  await startDevice(pair, "d");
  const asked = pair.as.to("/token").length;
  const failing = await listed(pair, "status=failing");
  assert.deepEqual(failing.keys, ["a", "b/dead"]);
  const { status, reason, fixed_by } = failing.key_info.a ?? {};
  assert.deepEqual([status, reason, fixed_by], ["failed", "invalid_grant", "person"]);
  assert.deepEqual((await listed(pair, "status=pending")).keys, ["d"]);
  assert.deepEqual((await listed(pair, "server=other")).keys, ["c"]);
  assert.deepEqual((await listed(pair, "server=other&status=failed")).keys, []);
  const first = await listed(pair, "status=failed&limit=1");
  assert.deepEqual([first.keys, first.next], [["a"], "a"]);
  assert.deepEqual((await listed(pair, "status=failed&limit=1&after=a")).keys, ["b/dead"]);
  const below = await pair.read("oauth2/creds/b/?list=true&status=failed");
  assert.deepEqual(below.body?.data?.keys, ["dead"]);
  const dead = await stateOf(pair, "b/dead");
  assert.deepEqual([dead.status, dead.reason], ["failed", "invalid_grant"]);
  assert.match(String(dead.error_description), /refused|no longer|invalid_grant/);
  const good = await stateOf(pair, "c");
  assert.deepEqual([good.status, good.server, good.refreshable, good.next_task], ["issued", "other", true, "refresh"]);
  assert.ok(String(good.next_time) > String(good.issue_time) && String(good.next_time) < String(good.expire_time));
  const waiting = await stateOf(pair, "d");
  assert.deepEqual([waiting.status, waiting.next_task], ["pending", "poll"]);
  assert.deepEqual([typeof waiting.user_code, typeof waiting.verification_uri], ["string", "string"]);
  assert.equal(pair.as.to("/token").length, asked, "nothing was asked of the provider");
  const counts = async (path: string) => (await pair.read(`oauth2/${path}`)).body?.data?.counts;
  const all = { pending: 1, issued: 1, failed: 2, failing: 2 };
  assert.deepEqual(await counts("creds?list=true&counts=true"), all);
  assert.deepEqual(await counts("creds?list=true&counts=true&status=issued&server=other"), all);
  assert.deepEqual(await counts("creds/b/?list=true&counts=true"), {
    ...all,
    pending: 0,
    issued: 0,
    failed: 1,
    failing: 1,
  });
  assert.equal(await counts("creds?list=true"), undefined);
});

test("a dead grant is found as issued while its last token lives and as failed from then on, though nothing is written then", async (t) => {
  const pair = await startPair(t);
  pair.as.tokens.accessLife = 3_600;
  await importGrant(pair, "dying");
  await pair.write("oauth2/config", { tune_reap_check_interval_seconds: 0 });
  pair.as.reply("/token", oauthError("invalid_grant"));
  const isDead = async () => (await stateOf(pair, "dying")).retryable === true;
  await pair.pass(3_200_000);
  for (let times = 0; !(await isDead()) && times < 80; times++) await pair.pass(5_000);
  pair.as.behave();
  await importGrant(pair, "good");
  const found = async (status: string) => (await listed(pair, `status=${status}`)).keys;
  assert.deepEqual([await found("issued"), await found("failed")], [["dying", "good"], []]);
  const { counts } = (await pair.read("oauth2/creds?list=true&counts=true")).body?.data ?? {};
  assert.deepEqual(counts, { pending: 0, issued: 1, failed: 1, failing: 1 });
  await pair.pass(3_600_000);
  assert.deepEqual([await found("issued"), await found("failed")], [["good"], ["dying"]]);
});
