import assert from "node:assert/strict";
import { test } from "node:test";
import { raw } from "../../servers/faults.ts";
import type { Fault } from "../../servers/misbehaving.ts";
import { configure, importGrant, type Pair, startDevice, startPair } from "../../support/misbehaving.ts";

async function login(pair: Pair, server = "as") {
  pair.as.tokens.approved = true;
  assert.equal((await startDevice(pair, "me", { server })).status, 200);
  await pair.passUntil("the flow is polled", () => pair.as.to("/token").length >= 1, 10_000);
  await pair.pass(2_000);
  return pair.read("oauth2/creds/me");
}

test("FC-21 form posts carry the bare media type: device, poll, refresh, self, exchange, revocation", async (t) => {
  const pair = await startPair(t);
  await configure(pair, pair.as, { client_secret: "s3cret" });
  assert.equal((await login(pair)).status, 200);
  await importGrant(pair, "other");
  await pair.write("oauth2/self/robot", { server: "as" });
  await pair.write("oauth2/sts/me", { audiences: "x" });
  await pair.delete("oauth2/creds/me");
  await pair.passUntil("it is revoked", () => pair.as.to("/revoke").length >= 1, 60_000);
  const posts = pair.as.requests.filter(({ method }) => method === "POST");
  assert.ok(posts.length >= 5, `${posts.length}`);
  for (const { path, headers } of posts) {
    assert.equal(headers["content-type"], "application/x-www-form-urlencoded", path);
  }
});

test("FC-06 an approved login answered by a form under text/html is not lost", async (t) => {
  const pair = await startPair(t);
  const form: Fault = (exchange) => {
    const body = new URLSearchParams(exchange.proper().body as Record<string, string>).toString();
    return raw(200, body, { "content-type": "text/html; charset=utf-8" })(exchange);
  };
  pair.as.reply("/token", form);
  const read = await login(pair);
  assert.equal(read.status, 200, JSON.stringify(read.body));
  assert.match(String(read.body?.data?.access_token), /^access-token-/);
});

test("FC-09 a token answer with 17 kB of headers is read; what is over the limit is named in log and history", async (t) => {
  const pair = await startPair(t);
  pair.as.tokens.accessLife = 200;
  const headed = (bytes: number): Fault => {
    const headers = { "content-type": "application/json", "x-policy": "x".repeat(bytes) };
    return (exchange) => raw(200, JSON.stringify(exchange.proper().body), headers)(exchange);
  };
  await importGrant(pair);
  pair.as.reply("/token", headed(17_000));
  await pair.passUntil("it is refreshed", () => pair.as.to("/token").length >= 2);
  await pair.pass(1_000);
  assert.equal((await pair.read("oauth2/creds/me")).status, 200);
  assert.equal(pair.as.tokens.replays, 0);
  pair.as.reply("/token", headed(70_000));
  await pair.passUntil("it is refreshed again", () => pair.as.to("/token").length >= 3);
  await pair.pass(1_000);
  const { body } = await pair.read("oauth2/creds/me/history");
  const attempts = body?.data?.attempts as readonly Record<string, unknown>[];
  assert.ok(attempts.some(({ outcome, reason }) => outcome === "in_doubt" && reason === "headers_too_large"));
  assert.ok(pair.logged.some((line) => line.includes("upstream_failed") && line.includes("headers_too_large")));
});

test("FC-10 with token_path the tokens inside an object are read, at the login and at the refresh", async (t) => {
  const pair = await startPair(t);
  pair.as.tokens.accessLife = 200;
  const wrapped: Fault = (exchange) => {
    const { status, body } = exchange.proper();
    const nested = JSON.stringify({ code: 0, message: "ok", data: body });
    return raw(status, nested, { "content-type": "application/json" })(exchange);
  };
  await configure(pair, pair.as, { provider_options: { token_path: "data" } }, "lark");
  for (const path of ["/device", "/token"]) pair.as.reply(path, wrapped);
  const first = await login(pair, "lark");
  assert.equal(first.status, 200, JSON.stringify(first.body));
  await pair.passUntil("it is refreshed", () => pair.as.to("/token").length >= 2);
  await pair.pass(1_000);
  const second = await pair.read("oauth2/creds/me");
  assert.notEqual(second.body?.data?.access_token, first.body?.data?.access_token);
  assert.equal(pair.as.tokens.replays, 0);
  const server = await pair.read("oauth2/servers/lark");
  const kept = server.body?.data?.provider_options as Record<string, string> | undefined;
  assert.equal(kept?.token_path, "data");
  const options = { token_url: "https://as.example/t", token_path: "a b" };
  const refused = await pair.write("oauth2/servers/x", {
    provider: "custom",
    client_id: "c",
    provider_options: options,
  });
  assert.equal(refused.status, 400);
  assert.match(String(refused.body?.errors), /option "token_path": must be the name of a member/);
});
