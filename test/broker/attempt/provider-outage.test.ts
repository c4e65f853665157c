import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { empty, hang, html, json, reset } from "../../servers/faults.ts";
import type { Exchange } from "../../servers/misbehaving.ts";
import { importGrant, type Pair, startDevice, startPair } from "../../support/misbehaving.ts";
import { whileTimePasses } from "../../support/while-time-passes.ts";

const NAMES = ["a", "b", "c", "d", "e", "f", "g"];

/** Some credentials whose tokens have ended, and whose server has answered nothing for a quarter of an hour. */
async function away(t: TestContext, how = html(503), names: readonly string[] = NAMES): Promise<Pair> {
  const pair = await startPair(t);
  pair.as.tokens.accessLife = 100;
  for (const name of names) await importGrant(pair, name);
  pair.as.reply("/token", how);
  await pair.pass(900_000);
  const isTurn = () => pair.clock.now() - (pair.as.to("/token").at(-1)?.at ?? 0) >= 5_000;
  await pair.passUntil("a turn of readers", isTurn);
  return pair;
}

const read = (pair: Pair, name: string) => pair.read(`oauth2/creds/${name}`);

const readAll = (pair: Pair) => Promise.all(NAMES.map((name) => read(pair, name)));

const asked = ({ as }: Pair) => as.to("/token").length;

/** Every refresh token that was sent, in order. */
const presented = ({ as }: Pair) => as.to("/token").flatMap(({ form }) => form.get("refresh_token") ?? []);

test("FC-32 of all readers who wait one tries each 5 s, and each is told when it may be its turn", async (t) => {
  const pair = await away(t);
  const before = asked(pair);
  const first = await readAll(pair);
  assert.equal(asked(pair), before + 1, "one tries; who comes meanwhile waits for what it brings");
  assert.deepEqual(new Set(first.map(({ headers }) => headers.get("retry-after"))), new Set(["5"]));
  pair.clock.advance(2_000);
  const second = await read(pair, "b");
  assert.deepEqual([second.status, second.headers.get("retry-after")], [503, "3"]);
  pair.clock.advance(2_000);
  const near = read(pair, "c");
  await pair.pass(900);
  assert.equal(asked(pair), before + 1);
  await pair.pass(100);
  assert.equal(asked(pair), before + 2, "whose turn comes within the next second waits for it");
  assert.equal((await near).status, 503);
});

test("FC-32 when it is back whoever waits has a token at once, and the rest is refreshed within seconds", async (t) => {
  const pair = await away(t);
  const before = presented(pair).length;
  pair.as.behave();
  const readers = ["a", "b", "c"].map((name) => read(pair, name));
  const answers = await whileTimePasses(pair, Promise.all(readers));
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
  const { status } = await whileTimePasses(pair, read(pair, "d"));
  assert.equal(status, 200, "nor does who comes just then wait for a turn");
  await pair.pass(6_000);
  assert.equal(presented(pair).length, before + NAMES.length);
  assert.equal(pair.as.tokens.revoked, 0);
});

test("FC-32 nobody tries before the time that the server named, also after a restart", async (t) => {
  const pair = await startPair(t);
  pair.as.tokens.accessLife = 100;
  await importGrant(pair, "a");
  pair.as.reply("/token", empty(503, { "retry-after": "600" }));
  await pair.passUntil("it is refreshed", () => asked(pair) === 2);
  await pair.pass(60_000);
  const answer = await read(pair, "a");
  assert.equal(answer.status, 503);
  assert.ok(Number(answer.headers.get("retry-after")) > 500);
  const next = { ...(await pair.restart()), as: pair.as };
  pair.as.behave();
  const later = await read(next, "a");
  assert.ok(Number(later.headers.get("retry-after")) > 500);
  assert.equal(asked(pair), 2);
  await next.pass(600_000);
  assert.equal((await read(next, "a")).status, 200);
});

test("FC-32 a device flow that waited out an outage is polled soon, and never before its interval has passed", async (t) => {
  const pair = await startPair(t);
  pair.as.tokens.interval = 10;
  await startDevice(pair, "login");
  pair.as.reply("/token", html(503));
  await pair.pass(300_000);
  const polls = () => pair.as.to("/token").filter(({ form }) => form.has("device_code")).length;
  const before = polls() + 1;
  await pair.passUntil("a poll", () => polls() === before);
  pair.as.behave();
  await importGrant(pair, "other");
  await pair.pass(9_900);
  assert.equal(polls(), before);
  await pair.pass(6_000);
  assert.equal(polls(), before + 1);
});

test("FC-32 no refresh token is sent to a server that was silent before it has answered a look", async (t) => {
  const pair = await away(t, hang, ["a", "b"]);
  const sent = presented(pair).length;
  const before = asked(pair);
  for (let tries = 0; tries < 5; tries++) {
    assert.equal((await whileTimePasses(pair, read(pair, "a"))).status, 503);
    await pair.pass(5_000);
  }
  assert.ok(asked(pair) >= before + 3);
  assert.equal(presented(pair).length, sent, "only looked at");
  pair.as.reply("/token", reset);
  assert.equal((await read(pair, "a")).status, 503);
  assert.equal(presented(pair).length, sent + 1, "somebody is there, who answers no looks");
  assert.equal(pair.as.tokens.revoked, 0);
});

test("FC-32 a server that answers no looks is tried all the same in the end", async (t) => {
  const pair = await away(t, hang, ["a"]);
  const proper = (exchange: Exchange) => json(200, exchange.proper().body)(exchange);
  pair.as.reply("/token", (exchange) => (exchange.request.method === "GET" ? undefined : proper(exchange)));
  await pair.pass(1_800_000);
  assert.equal((await read(pair, "a")).status, 200);
});

test("FC-32 one credential whose refresh alone fails is tried for its readers, and no more often", async (t) => {
  const pair = await startPair(t);
  pair.as.tokens.accessLife = 100;
  const family = new Set<unknown>();
  let isBad = false;
  pair.as.reply("/token", (exchange) => {
    const ofFamily = family.has(exchange.form.get("refresh_token"));
    if (ofFamily && isBad) return html(500)(exchange);
    const { status, body } = exchange.proper();
    if (ofFamily) family.add(body.refresh_token);
    return json(status, body)(exchange);
  });
  for (const name of ["bad", "good"]) {
    const refresh_token = pair.as.tokens.grant();
    if (name === "bad") family.add(refresh_token);
    await pair.write(`oauth2/creds/${name}`, { server: "as", refresh_token });
  }
  isBad = true;
  await pair.pass(120_000);
  const count = () => presented(pair).filter((token) => family.has(token)).length;
  const before = count();
  for (const end = pair.clock.now() + 60_000; pair.clock.now() < end; ) {
    const bad = read(pair, "bad");
    await pair.pass(1_000);
    await whileTimePasses(pair, bad);
    assert.equal((await read(pair, "good")).status, 200);
  }
  const tries = count() - before;
  assert.ok(tries >= 10 && tries <= 13, `${tries} tries in a minute`);
});

test("FC-32 token exchanges take turns as well while their server does not answer", async (t) => {
  const pair = await startPair(t);
  await importGrant(pair, "a");
  pair.as.reply("/token", html(503));
  const before = asked(pair);
  for (let second = 0; second < 60; second++) {
    const { status, headers } = await pair.read("oauth2/sts/a");
    assert.equal(status, 503);
    assert.ok(Number(headers.get("retry-after")) <= 5);
    await pair.pass(1_000);
  }
  assert.ok(asked(pair) - before <= 18, `${asked(pair) - before} requests in a minute`);
});

test("FC-32 metadata that cannot be had just then are an outage too, also to client credentials", async (t) => {
  const pair = await startPair(t);
  pair.as.tokens.accessLife = 60;
  const provider_options = { issuer_url: pair.as.issuer };
  await pair.write("oauth2/servers/op", {
    provider: "oidc",
    client_id: "client",
    client_secret: "s",
    provider_options,
  });
  assert.equal((await pair.write("oauth2/self/bot", { server: "op" })).status, 204);
  const next = await pair.restart();
  const documents = ["openid-configuration", "oauth-authorization-server"].map((name) => `/.well-known/${name}`);
  for (const path of documents) pair.as.reply(path, html(503));
  next.clock.advance(60_000);
  for (let tries = 0; tries < 3; tries++) {
    const { status, body, headers } = await next.read("oauth2/self/bot");
    assert.deepEqual([status, body?.data?.reason], [503, "temporarily_unavailable"]);
    assert.ok(Number(headers.get("retry-after")) <= 5);
    next.clock.advance(5_000);
  }
  pair.as.behave();
  assert.equal((await next.read("oauth2/self/bot")).status, 200);
});
