import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { cutAfter, echo, empty, hang, html, json, oauthError, proper, reset } from "../../servers/faults.ts";
import { startCoatcheck } from "../../support/coatcheck.ts";
import { configure, DEVICE, type Pair, startDevice, startPair } from "../../support/misbehaving.ts";

/** Seconds between consecutive polls, as the server saw them; the first counted from the device request. */
function gaps(pair: Pair): number[] {
  const times = [...pair.as.to("/device"), ...pair.as.to("/token")].map(({ at }) => at);
  return times.slice(1).map((at, index) => (at - (times[index] ?? 0)) / 1000);
}

async function flow(t: TestContext, more: Record<string, unknown> = {}): Promise<Pair> {
  const pair = await startPair(t);
  assert.equal((await startDevice(pair, "me", more)).status, 200);
  return pair;
}

const data = async (pair: Pair) => {
  const { status, body } = await pair.read("oauth2/creds/me");
  return { status, ...(body?.data as Record<string, unknown>) } as Record<string, unknown>;
};

test("A1 DEV-11 DEV-12 DEV-24 the first poll comes one interval after the answer; none is early, none a second late", async (t) => {
  const pair = await flow(t);
  await pair.pass(31_000);
  const polls = gaps(pair);
  assert.equal(polls.length, 6);
  for (const gap of polls) assert.ok(gap >= 5 && gap <= 6, `gap ${gap}`);
});

test("K01 a host clock that is set an hour forward makes no poll early, and the log says so", async (t) => {
  const pair = await flow(t);
  await pair.pass(6_000);
  pair.clock.jump(3_600_000);
  await pair.pass(10_000);
  const polls = gaps(pair);
  assert.equal(polls.length, 3);
  for (const gap of polls) assert.ok(gap >= 5 && gap <= 6, `gap ${gap}`);
  const [line = "{}"] = pair.logged.filter((text) => text.includes("clock_set"));
  assert.equal(JSON.parse(line).seconds, 3_600);
});

test("FC-70 a broker that follows the host's clock says so, and not that somebody has set it", async (t) => {
  const { clock, pass, logged } = await startCoatcheck(t);
  await pass(6_000);
  clock.jump(18_000_000);
  await pass(6_000);
  clock.follow();
  await pass(6_000);
  clock.jump(-60_000);
  await pass(6_000);
  const said = logged.map((line) => JSON.parse(line)).filter(({ event }) => String(event).startsWith("clock_"));
  assert.deepEqual(
    said.map(({ event, seconds }) => [event, seconds]),
    [
      ["clock_set", 18_000],
      ["clock_followed", 18_000],
      ["clock_set", -60],
    ],
  );
});

test("A2 DEV-13 every slow_down adds 5 s to the real gap, also across restarts", async (t) => {
  const pair = await flow(t);
  pair.as.reply("/token", oauthError("slow_down"), oauthError("slow_down"), oauthError("authorization_pending"));
  await pair.pass(16_000);
  const again = await pair.restart();
  await again.pass(40_000);
  const [first = 0, second = 0, third = 0, fourth = 0] = gaps(pair);
  assert.ok(first >= 5 && first <= 6);
  assert.ok(second >= 10 && second <= 11, `${second}`);
  assert.ok(third >= 15 && third <= 16, `${third}`);
  assert.ok(fourth >= 15 && fourth <= 16, `${fourth}`);
});

test("DEV-14 a slow_down with an interval takes the larger of both", async (t) => {
  const pair = await flow(t);
  pair.as.reply("/token", oauthError("slow_down", 400, { interval: 20 }), oauthError("authorization_pending"));
  await pair.pass(26_500);
  assert.ok((gaps(pair)[1] ?? 0) >= 20);
});

test("A3 DEV-18 DEV-19 connection trouble doubles the wait up to a minute, and polling goes on", async (t) => {
  const pair = await flow(t);
  pair.as.reply("/token", reset, html(502), empty(503), json(500, {}), html(200), oauthError("authorization_pending"));
  await pair.pass(280_000);
  const [, ...waits] = gaps(pair);
  const least = [10, 20, 40, 60, 60, 5];
  for (const [index, wait] of least.entries()) {
    const gap = waits[index] ?? 0;
    assert.ok(gap >= wait && gap <= wait * 1.1 + 1.5, `wait ${index + 1}: ${gap}`);
  }
  assert.equal((await data(pair)).status, "pending");
});

test("DEV-19 Retry-After is honoured", async (t) => {
  const pair = await flow(t);
  pair.as.reply("/token", empty(429, { "retry-after": "90" }), oauthError("authorization_pending"));
  await pair.pass(97_000);
  const [, second = 0] = gaps(pair);
  assert.ok(second >= 90 && second <= 92, `${second}`);
});

test("A4 DEV-20 DEV-17 no poll after expires_in, and the read says expired_token", async (t) => {
  const pair = await startPair(t);
  pair.as.tokens.deviceLife = 20;
  await startDevice(pair);
  await pair.pass(60_000);
  const last = pair.as.to("/token").at(-1);
  const asked = pair.as.to("/device")[0];
  assert.ok(last && asked && last.at - asked.at <= 20_000);
  const read = await pair.read("oauth2/creds/me");
  assert.equal(read.status, 400);
  assert.equal(read.body?.data?.reason, "expired_token");
  const count = pair.as.requests.length;
  await pair.pass(60_000);
  assert.equal(pair.as.requests.length, count);
});

test("A5 DEV-15 DEV-16 denial, dead code and unknown errors end the flow for good", async (t) => {
  for (const [code, reason] of [
    ["access_denied", "access_denied"],
    ["invalid_grant", "invalid_grant"],
    ["expired_token", "expired_token"],
    ["something_new", "rejected"],
  ] as const) {
    const pair = await flow(t);
    pair.as.reply("/token", oauthError(code, 400));
    await pair.pass(6_000);
    const read = await pair.read("oauth2/creds/me");
    assert.equal(read.status, 400);
    assert.deepEqual(read.body?.data, { status: "failed", reason, provider_error: code });
    assert.deepEqual(read.body?.errors, [`device code exchange failed: server rejected request: ${code}`]);
    const count = pair.as.requests.length;
    await pair.pass(60_000);
    assert.equal(pair.as.requests.length, count, "an ended flow asks nothing");
  }
});

test("A6 DEV-21 DEV-05 DEV-06 error under 200, status 428, verification_url, expires_in as string or fraction", async (t) => {
  const pair = await startPair(t);
  const device = { device_code: "dc", user_code: "UC", verification_url: "https://as.example/dev" };
  pair.as.reply("/device", json(200, { ...device, expires_in: "600.5", interval: "4.2" }));
  const started = await startDevice(pair);
  assert.equal(started.body?.data?.verification_uri, "https://as.example/dev");
  assert.equal(started.body?.data?.interval, 5);
  pair.as.reply(
    "/token",
    json(200, { error: "authorization_pending" }),
    oauthError("authorization_pending", 428),
    proper(),
  );
  pair.as.tokens.approved = true;
  await pair.pass(16_500);
  assert.equal((await pair.read("oauth2/creds/me")).status, 200);
});

test("A7 DEV-02 DEV-10 OA-02 a confidential client authenticates in both requests, by one method", async (t) => {
  const pair = await startPair(t);
  await configure(pair, pair.as, { client_secret: "device-secret", token_endpoint_auth_method: "client_secret_post" });
  await startDevice(pair);
  await pair.pass(6_000);
  for (const path of ["/device", "/token"]) {
    const request = pair.as.to(path)[0];
    assert.equal(request?.form.get("client_secret"), "device-secret");
    assert.equal(request?.form.get("client_id"), "client");
    assert.equal(request?.headers.authorization, undefined);
  }
  assert.equal(pair.as.to("/token")[0]?.form.get("grant_type"), DEVICE);
});

test("A8 DEV-27 a rewrite cancels the flow: its late tokens are revoked and the next credential is unharmed", async (t) => {
  const pair = await flow(t);
  pair.as.tokens.approved = true;
  let release = () => {};
  pair.as.reply("/token", async (exchange) => {
    await new Promise<void>((done) => {
      release = done;
    });
    return proper()(exchange);
  });
  await pair.pass(5_500);
  assert.equal(pair.as.to("/token").length, 1);
  pair.as.tokens.approved = false;
  await startDevice(pair);
  pair.as.tokens.approved = true;
  release();
  await pair.pass(1_000);
  assert.equal(pair.as.to("/revoke").length, 1);
  assert.equal((await data(pair)).status, "pending");
});

test("A8 a delete cancels the flow", async (t) => {
  const pair = await flow(t);
  assert.equal((await pair.delete("oauth2/creds/me")).status, 204);
  await pair.pass(30_000);
  assert.equal(pair.as.to("/token").length, 0);
  assert.equal((await pair.read("oauth2/creds/me")).status, 404);
});

test("DEV-04 a device answer without a required member starts nothing and is not polled", async (t) => {
  const pair = await startPair(t);
  for (const missing of ["device_code", "user_code", "verification_uri", "expires_in"]) {
    pair.as.reply("/device", proper({ [missing]: undefined }));
    const written = await startDevice(pair);
    assert.equal(written.status, 502);
    const text = `device code authorization request failed: server response missing ${missing}`;
    assert.deepEqual(written.body?.errors, [text]);
  }
  pair.as.reply("/device", proper({ expires_in: 0 }));
  assert.equal((await startDevice(pair)).status, 502);
  assert.equal((await pair.read("oauth2/creds/me")).status, 404);
  await pair.pass(20_000);
  assert.equal(pair.as.to("/token").length, 0);
});

test("DEV-05 no interval, zero or nonsense means 5 s", async (t) => {
  const pair = await startPair(t);
  for (const interval of [undefined, 0, -1, "soon"]) {
    pair.as.reply("/device", proper({ interval }));
    assert.equal((await startDevice(pair)).body?.data?.interval, 5);
  }
});

test("DEV-07 DEV-08 codes and URIs reach the caller unchanged; a complete URI is never made up", async (t) => {
  const pair = await startPair(t);
  const device = {
    device_code: "dc",
    user_code: "ÄB-cd–9",
    verification_uri: "https://as.example/d?x=1",
    expires_in: 60,
  };
  pair.as.reply("/device", json(200, device));
  const { body } = await startDevice(pair);
  assert.equal(body?.data?.user_code, device.user_code);
  assert.equal(body?.data?.verification_uri, device.verification_uri);
  assert.ok(!("verification_uri_complete" in (body?.data ?? {})));
});

test("DEV-09 the device code is in no answer and no log line", async (t) => {
  const pair = await flow(t);
  pair.as.reply("/token", echo("invalid_request"));
  await pair.pass(6_000);
  const read = await pair.read("oauth2/creds/me");
  const code = pair.as.to("/token")[0]?.form.get("device_code") ?? "";
  assert.ok(code.length > 5);
  assert.ok(!JSON.stringify(read.body).includes(code));
  assert.ok(!pair.logged.join("").includes(code));
});

test("DEV-22 a lost final answer is outcome_unknown, not a refusal", async (t) => {
  const pair = await flow(t);
  pair.as.tokens.approved = true;
  pair.as.reply("/token", cutAfter(10), proper());
  await pair.pass(20_000);
  const read = await pair.read("oauth2/creds/me");
  assert.equal(read.status, 400);
  assert.equal(read.body?.data?.reason, "outcome_unknown");
});

test("DEV-03 DEV-29 nothing starts by itself: after expiry, denial and restart no second code is asked for", async (t) => {
  const pair = await startPair(t);
  pair.as.tokens.deviceLife = 10;
  await startDevice(pair);
  await pair.pass(20_000);
  const again = await pair.restart();
  await again.pass(60_000);
  await again.read("oauth2/creds/me");
  assert.equal(pair.as.to("/device").length, 1);
});

test("DEV-23 one poll at a time, however often it is read", async (t) => {
  const pair = await flow(t);
  pair.as.reply("/token", hang);
  await pair.pass(5_500);
  await Promise.all(Array.from({ length: 50 }, () => pair.read("oauth2/creds/me")));
  assert.equal(pair.as.to("/token").length, 1);
});

test("DEV-25 client secrets are in no answer, log line or list", async (t) => {
  const pair = await startPair(t);
  await configure(pair, pair.as, { client_secret: "never-shown-secret" });
  await startDevice(pair);
  pair.as.reply("/token", echo("invalid_client"));
  await pair.pass(6_000);
  const answers = await Promise.all(
    ["oauth2/creds/me", "oauth2/creds?list=true", "oauth2/servers/as"].map((path) => pair.read(path)),
  );
  assert.ok(!JSON.stringify(answers.map(({ body }) => body)).includes("never-shown-secret"));
  assert.ok(!pair.logged.join("").includes("never-shown-secret"));
});

test("DEV-26 user codes and links are in no list and no log line", async (t) => {
  const pair = await flow(t);
  await pair.pass(6_000);
  const list = await pair.read("oauth2/creds?list=true");
  assert.ok(!JSON.stringify(list.body).includes("USER-"));
  assert.ok(!pair.logged.join("").includes("USER-"));
});

test("a suspended flow polls no more until the server is written, then at once", async (t) => {
  const pair = await flow(t);
  pair.as.reply("/token", oauthError("invalid_client", 401));
  await pair.pass(60_000);
  assert.equal(pair.as.to("/token").length, 1);
  const read = await pair.read("oauth2/creds/me");
  assert.equal(read.status, 503);
  assert.equal(read.body?.data?.reason, "invalid_client");
  assert.ok(Number(read.headers.get("retry-after")) <= 60);
  pair.as.behave("/token");
  pair.as.tokens.approved = true;
  await configure(pair, pair.as);
  await pair.pass(1_000);
  assert.equal((await pair.read("oauth2/creds/me")).status, 200);
});

test("a caller's own device code is polled without a device request, and shown to nobody", async (t) => {
  const pair = await startPair(t);
  pair.as.tokens.approved = true;
  const written = await startDevice(pair, "me", { device_code: "own-code", interval: 7, expires_in: 100 });
  assert.equal(written.status, 204);
  const read = await pair.read("oauth2/creds/me");
  assert.equal(read.status, 503);
  assert.ok(!JSON.stringify(read.body).includes("own-code"));
  await pair.pass(6_500);
  assert.equal(pair.as.to("/token").length, 0);
  await pair.pass(1_500);
  assert.equal(pair.as.to("/device").length, 0);
  assert.equal((await pair.read("oauth2/creds/me")).status, 200);
});

test("XD-05 a device code counts no longer than the operator allows, whatever its server says", async (t) => {
  const pair = await startPair(t);
  pair.as.tokens.deviceLife = 3_600;
  const lifeOf = async (name: string) => {
    const until = (await startDevice(pair, name)).body?.data?.expire_time;
    return Math.ceil((Date.parse(String(until)) - pair.clock.now()) / 1000);
  };
  assert.equal(await lifeOf("usual"), 900);
  await pair.write("oauth2/config", { tune_device_flow_seconds: 120 });
  assert.equal(await lifeOf("me"), 120);
  await pair.write("oauth2/config", { tune_device_flow_seconds: 0 });
  assert.equal(await lifeOf("free"), 3_600);
  await pair.delete("oauth2/creds/free");
  await pair.pass(905_000);
  for (const name of ["me", "usual"]) {
    assert.equal((await pair.read(`oauth2/creds/${name}`)).body?.data?.reason, "expired_token", name);
  }
  const polls = pair.as.to("/token").length;
  pair.as.tokens.approved = true;
  await pair.pass(120_000);
  assert.equal(pair.as.to("/token").length, polls, "nobody polls any more");
});
