import assert from "node:assert/strict";
import { test } from "node:test";
import { json, proper } from "../../servers/faults.ts";
import { configure, importGrant, type Pair, startDevice, startPair } from "../../support/misbehaving.ts";
import { ROOT_TOKEN } from "../../support/request.ts";

/** What the server says of a life, from now on. */
function says(pair: Pair, seconds: number | undefined, more: Record<string, unknown> = {}) {
  pair.as.tokens.accessLife = seconds;
  pair.as.tokens.extra = more;
}

const asked = (pair: Pair) => pair.as.to("/token").length;
const warningsOf = async (pair: Pair) => (await pair.read("oauth2/creds/me")).body?.warnings ?? [];

test("FC-01 a refresh that is silent about its life: the last life that was told holds", async (t) => {
  const pair = await startPair(t);
  says(pair, 100);
  await importGrant(pair);
  says(pair, undefined);
  await pair.pass(400_000);
  assert.ok(asked(pair) >= 4, "refreshed as ever");
  const { body } = await pair.read("oauth2/creds/me");
  assert.ok(Date.parse(String(body?.data?.expire_time)) - pair.clock.now() <= 100_000);
  assert.equal(body?.warnings, null);
  says(pair, 3_600);
  await pair.pass(100_000);
  const before = asked(pair);
  await pair.pass(1_500_000);
  assert.equal(asked(pair), before, "a life that is told again counts");
});

test("FC-01 a life that was never told: by the server's record, else by the mount, with a warning", async (t) => {
  const pair = await startPair(t);
  says(pair, undefined);
  await importGrant(pair);
  const told = "the server does not say how long its access tokens live";
  assert.deepEqual(await warningsOf(pair), [
    `${told}, so this one is never refreshed: set default_expiry_seconds for the server`,
  ]);
  await pair.write("oauth2/config", { default_expiry_seconds: 300 });
  await importGrant(pair);
  assert.deepEqual(await warningsOf(pair), [`${told}: 300 s are assumed (default_expiry_seconds)`]);
  await configure(pair, pair.as, { default_expiry_seconds: "100s" });
  const before = asked(pair);
  await importGrant(pair);
  assert.deepEqual(await warningsOf(pair), [`${told}: 100 s are assumed (default_expiry_seconds)`]);
  await pair.pass(300_000);
  assert.ok(asked(pair) >= before + 4, "refreshed by it");
  const { body } = await pair.read("oauth2/servers/as");
  assert.deepEqual([body?.data?.default_expiry_seconds, body?.data?.maximum_expiry_seconds], [100, 0]);
});

test("FC-01 nothing is assumed of a token that nothing can renew: it would end for its reader alone", async (t) => {
  const pair = await startPair(t);
  await configure(pair, pair.as, { default_expiry_seconds: 60 });
  pair.as.reply("/token", json(200, { access_token: "for-ever", token_type: "Bearer" }));
  await pair.write("oauth2/creds/me", { server: "as", code: "the-code-once", redirect_url: "https://x.example/" });
  await pair.pass(600_000);
  const { status, body } = await pair.read("oauth2/creds/me");
  assert.deepEqual([status, body?.data?.expire_time ?? null, body?.warnings], [200, null, null]);
});

test("FC-01 a token of the client itself is renewed by what is assumed", async (t) => {
  const pair = await startPair(t);
  await configure(pair, pair.as, { default_expiry_seconds: 60, client_secret: "s3cret-of-client" });
  says(pair, undefined);
  assert.equal((await pair.write("oauth2/self/me", { server: "as" })).status, 204);
  await pair.pass(61_000);
  assert.equal((await pair.read("oauth2/self/me")).status, 200);
  assert.equal(asked(pair), 2);
});

test("FC-02 maximum_expiry_seconds of server and mount cap every token, the least of all counts", async (t) => {
  const pair = await startPair(t);
  says(pair, 3_600);
  const left = async () => {
    await importGrant(pair, "me", { maximum_expiry_seconds: 1_000 });
    const { body } = await pair.read("oauth2/creds/me");
    return Math.round((Date.parse(String(body?.data?.expire_time)) - pair.clock.now()) / 100_000) * 100;
  };
  assert.equal(await left(), 1_000);
  await pair.write("oauth2/config", { maximum_expiry_seconds: 700 });
  assert.equal(await left(), 700);
  await configure(pair, pair.as, { maximum_expiry_seconds: 500 });
  assert.equal(await left(), 500);
  await configure(pair, pair.as, { maximum_expiry_seconds: 900 });
  assert.equal(await left(), 700);
  says(pair, undefined);
  assert.equal(await left(), 700, "also where the server says nothing");
});

test("FC-02 what cannot be a life is refused by name", async (t) => {
  const pair = await startPair(t);
  for (const name of ["default_expiry_seconds", "maximum_expiry_seconds"]) {
    const { status, body } = await pair.write("oauth2/servers/bad", { provider: "github", client_id: "c", [name]: -1 });
    assert.equal(status, 400);
    assert.match(String(body?.errors), new RegExp(`field "${name}": cannot provide negative value`));
    assert.equal((await pair.write("oauth2/config", { [name]: -1 })).status, 400);
  }
});

for (const member of ["refresh_expires_in", "refresh_token_expires_in", "x_refresh_token_expires_in"]) {
  test(`FC-04 ${member}: refreshed before the refresh token ends, as long as that moves the end`, async (t) => {
    const pair = await startPair(t);
    says(pair, 20, { [member]: 6 });
    await importGrant(pair);
    await pair.pass(20_000);
    const times = pair.as.to("/token").length - 1;
    assert.ok(times >= 3 && times <= 8, `${times} refreshes`);
    assert.deepEqual(await warningsOf(pair), []);
  });
}

test("FC-04 an end that no refresh moves is warned of, and causes no haste", async (t) => {
  const pair = await startPair(t);
  const day = 86_400_000;
  const end = pair.clock.now() + 20 * day;
  const left = () => Math.floor((end - pair.clock.now()) / 1_000);
  pair.as.reply("/token", (exchange) => proper({ refresh_expires_in: left(), expires_in: 36_000 })(exchange));
  await importGrant(pair);
  await pair.pass(12 * day);
  assert.deepEqual(await warningsOf(pair), []);
  await pair.pass(2 * day);
  const until = new Date(end).toISOString().slice(0, 16);
  assert.match(String(await warningsOf(pair)), new RegExp(`^the provider ends this login at ${until}.*sign in again`));
  const before = asked(pair);
  await pair.pass(5 * day);
  assert.ok(asked(pair) - before <= 13, "every ten hours, as ever");
  const metrics = `${pair.running.address}/v1/sys/metrics`;
  const text = await (await fetch(metrics, { headers: { "x-vault-token": ROOT_TOKEN } })).text();
  const told = (series: string) =>
    Number(text.split(`coatcheck_refresh_token_left_seconds${series} `)[1]?.split("\n")[0]);
  const soon = told('_bucket{le="604800",end="stays"}');
  assert.deepEqual([told('_count{end="moves"}'), told('_count{end="stays"}')], [1, asked(pair) - 1]);
  assert.ok(soon >= 12 && soon <= 15, `${soon} refreshes in the last week`);
});

test("FC-05 expires_in 0 without a refresh token is told once and for all, with its cause", async (t) => {
  const pair = await startPair(t);
  says(pair, 0, { refresh_token: undefined });
  pair.as.tokens.approved = true;
  await startDevice(pair);
  await pair.pass(6_000);
  const { status, body } = await pair.read("oauth2/creds/me");
  assert.deepEqual([status, body?.data?.reason], [400, "token_expired"]);
  assert.match(String(body?.errors?.[0]), /expires_in 0, and without a refresh token$/);
});

test("FC-05 zero_expires_in=never: 0 means that the token does not expire", async (t) => {
  const pair = await startPair(t);
  const never = { provider_options: { zero_expires_in: "never" }, default_expiry_seconds: 60 };
  await configure(pair, pair.as, never);
  says(pair, 0);
  await importGrant(pair);
  await pair.pass(600_000);
  const { status, body } = await pair.read("oauth2/creds/me");
  assert.deepEqual([status, body?.data?.expire_time ?? null, body?.warnings], [200, null, null]);
  assert.equal(asked(pair), 1);
});
