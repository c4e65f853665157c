import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { empty, hang, html, json, oauthError, proper, reset } from "../../servers/faults.ts";
import type { Fault } from "../../servers/misbehaving.ts";
import { startServer } from "../../servers/watched.ts";
import { eventually } from "../../support/eventually.ts";
import { configure, importGrant, type Pair, startDevice, startPair } from "../../support/misbehaving.ts";
import { turns } from "../../support/turns.ts";

/** An answer that waits until the test lets it go. */
function held(answer: Fault): { fault: Fault; letGo(): void } {
  const gate = Promise.withResolvers<void>();
  const fault: Fault = async (exchange) => {
    await gate.promise;
    return answer(exchange);
  };
  return { fault, letGo: () => gate.resolve() };
}

function damage({ data }: Pair, name: string): void {
  const database = new DatabaseSync(join(data, "coatcheck.db"));
  database.prepare("UPDATE row SET sealed = zeroblob(200) WHERE kind = 'creds' AND name = ?").run(name);
  database.close();
}

test("I9 a provider whose tokens have no life is not asked without end", async (t) => {
  for (const answer of [
    { access_token: "at", expires_in: 0 },
    { refresh_token: "only", expires_in: 3_600 },
  ]) {
    const pair = await startPair(t);
    pair.as.reply("/token", json(200, { token_type: "Bearer", refresh_token: "rt", ...answer }));
    await importGrant(pair);
    await pair.pass(600_000);
    const asked = pair.as.to("/token").length;
    assert.ok(asked > 2 && asked < 25, `${asked} requests in ten minutes`);
  }
});

test("C08 one damaged record harms no other: lists, writes and settings go on, and it can be replaced or deleted", async (t) => {
  const pair = await startPair(t);
  for (const name of ["a", "b", "c"]) await importGrant(pair, name);
  for (const name of ["a", "b"]) damage(pair, name);
  const list = await pair.read("oauth2/creds?list=true");
  assert.deepEqual(list.body?.data?.keys, ["a", "b", "c"]);
  assert.deepEqual(Object.keys(list.body?.data?.key_info as object), ["c"]);
  await configure(pair, pair.as);
  assert.equal((await pair.write("oauth2/config", { tune_refresh_check_interval_seconds: 120 })).status, 204);
  await importGrant(pair, "a");
  assert.equal((await pair.read("oauth2/creds/a")).status, 200);
  const deleted = await pair.delete("oauth2/creds/b");
  assert.deepEqual([deleted.status, deleted.body?.warnings?.length], [200, 1]);
  assert.equal((await pair.read("oauth2/creds/b")).status, 404);
  assert.equal((await pair.read("oauth2/creds/c")).status, 200);
});

test("8.1 discovery that fails for a moment does not stop a login", async (t) => {
  const pair = await startPair(t);
  const server = { provider: "oidc", client_id: "client", provider_options: { issuer_url: pair.as.issuer } };
  await pair.write("oauth2/servers/op", server);
  await startDevice(pair, "me", { server: "op" });
  const next = await pair.restart();
  const documents = ["openid-configuration", "oauth-authorization-server"].map((name) => `/.well-known/${name}`);
  for (const path of documents) pair.as.reply(path, json(503, {}));
  await next.pass(12_000);
  pair.as.behave();
  await next.pass(60_000);
  assert.ok(pair.as.to("/token").length >= 3);
});

test("section 3: a fault that was mended while its request was away suspends nothing", async (t) => {
  const pair = await startPair(t);
  await startDevice(pair);
  const late = held(oauthError("invalid_client", 401));
  pair.as.reply("/token", late.fault, proper());
  await pair.passUntil("it is polled", () => pair.as.to("/token").length === 1);
  await configure(pair, pair.as, { client_id: "better" });
  late.letGo();
  pair.as.tokens.approved = true;
  await pair.pass(60_000);
  assert.equal((await pair.read("oauth2/creds/me")).status, 200);
});

test("I7 an exchange under way hands nothing out after the delete was acknowledged", async (t) => {
  const pair = await startPair(t);
  await importGrant(pair);
  const before = pair.as.to("/token").length;
  const late = held(proper());
  pair.as.reply("/token", late.fault);
  const reading = pair.read("oauth2/sts/me");
  await eventually("the exchange is under way", () => pair.as.to("/token").length === before + 1);
  assert.equal((await pair.delete("oauth2/creds/me")).status, 204);
  late.letGo();
  assert.equal((await reading).status, 404);
});

test("REV-01 C17 a revocation takes the secrets in order, and every token of the grant", async (t) => {
  const pair = await startPair(t);
  const secrets = { client_secrets: ["old", "new"], token_endpoint_auth_method: "client_secret_post" };
  await configure(pair, pair.as, secrets);
  const onlyNew: Fault = (exchange) =>
    (exchange.form.get("client_secret") === "new" ? proper() : oauthError("invalid_client", 401))(exchange);
  pair.as.reply("/token", onlyNew);
  pair.as.reply("/revoke", onlyNew);
  await importGrant(pair);
  assert.equal((await pair.delete("oauth2/creds/me")).status, 204);
  assert.deepEqual(
    pair.as.to("/revoke").map(({ form }) => form.get("client_secret")),
    ["old", "new"],
  );
  assert.equal(pair.as.tokens.revoked, 1);
});

test("A16 revocations that hang hold up no refresh of the same server", async (t) => {
  const pair = await startPair(t);
  pair.as.tokens.accessLife = 130;
  await importGrant(pair, "alive");
  for (let i = 0; i < 6; i++) await importGrant(pair, `gone/${i}`);
  pair.as.reply("/revoke", hang);
  const deletes = Array.from({ length: 6 }, (_, i) => pair.delete(`oauth2/creds/gone/${i}`));
  await pair.pass(140_000);
  await Promise.all(deletes);
  assert.equal((await pair.read("oauth2/creds/alive")).status, 200);
  assert.ok(pair.as.to("/token").length > 7);
});

test("A22 nothing is asked of a provider when its answer could not be stored", async (t) => {
  const pair = await startPair(t);
  const blocker = new DatabaseSync(join(pair.data, "coatcheck.db"));
  blocker.exec("BEGIN IMMEDIATE");
  assert.equal((await startDevice(pair)).status, 503);
  assert.equal((await pair.write("oauth2/creds/x", { server: "as", refresh_token: "rt" })).status, 503);
  blocker.close();
  await turns();
  assert.equal(pair.as.to("/device").length + pair.as.to("/token").length, 0);
});

/** A link to the broker's callback, and the way back from it. */
async function link(pair: Pair, more: Record<string, unknown> = {}) {
  const made = await pair.write("oauth2/auth-code-url", { server: "as", ...more });
  assert.equal(made.status, 200, JSON.stringify(made.body));
  const state = new URL(String(made.body?.data?.url)).searchParams.get("state") ?? "";
  const back = async (query: Record<string, string> = {}) => {
    const parameters = new URLSearchParams({ code: "abc", state, ...query });
    const path = `${pair.running.address}/v1/oauth2/callback?${parameters}`;
    const answer = await fetch(path, { redirect: "manual" });
    const cookie = answer.headers.getSetCookie()[0]?.split(";")[0] ?? "";
    const page = new URL(answer.headers.get("location") ?? "", pair.running.address);
    return (await fetch(page, { headers: { cookie } })).text();
  };
  return { state, back };
}

test("BCP-03 ISS-01 a code goes only to the server its link was made for", async (t) => {
  const pair = await startPair(t);
  const other = await startServer(t, () => pair.clock.now());
  const { back } = await link(pair, { name: "me" });
  const { state } = await link(pair, { redirect_url: "https://app.example/cb", pkce: "S256" });
  await pair.delete("oauth2/servers/as");
  await configure(pair, other);
  const moved =
    /this login was made at http:\S+, and the server is another now: write the record as it was, or sign in again/;
  assert.match(await back(), moved);
  const written = await pair.write("oauth2/creds/own", { code: "c", state });
  assert.match(written.body?.errors?.[0] ?? "", moved);
  assert.equal(other.to("/token").length + pair.as.to("/token").length, 0);
});

test("ISS-02 a server that promises iss with every code must have sent one, also to a caller's own page", async (t) => {
  const pair = await startPair(t);
  pair.as.metadata.authorization_response_iss_parameter_supported = true;
  const server = { provider: "oidc", client_id: "client", provider_options: { issuer_url: pair.as.issuer } };
  await pair.write("oauth2/servers/as", server);
  const { state } = await link(pair, { redirect_url: "https://app.example/cb", pkce: "S256" });
  const written = await pair.write("oauth2/creds/me", { code: "c", state });
  assert.deepEqual(
    [written.status, written.body?.errors],
    [400, ["missing iss: this server sends one with every code"]],
  );
  assert.equal(pair.as.to("/token").length, 0);
});

test("a code the server could not take just then is not lost: the same link works a minute later", async (t) => {
  const pair = await startPair(t);
  const { back } = await link(pair, { name: "me" });
  pair.as.reply("/token", html(503), proper());
  assert.match(await back({ iss: pair.as.issuer }), /cannot finish the login right now/);
  assert.equal((await pair.read("oauth2/creds/me")).body?.data?.status, "pending");
  assert.match(await back({ iss: pair.as.issuer }), /is signed in/);
  assert.equal((await pair.read("oauth2/creds/me")).status, 200);
});

test("1.2 a code that was refused for another reason than itself is rejected, with the provider's code", async (t) => {
  for (const [code, reason] of [
    ["invalid_client", "rejected"],
    ["invalid_scope", "rejected"],
    ["invalid_grant", "invalid_grant"],
  ] as const) {
    const pair = await startPair(t);
    const { back } = await link(pair, { name: "me" });
    pair.as.reply("/token", oauthError(code));
    await back({ iss: pair.as.issuer });
    const { data } = (await pair.read("oauth2/creds/me")).body ?? {};
    assert.deepEqual([data?.reason, data?.provider_error], [reason, code]);
  }
});

test("REG-03 a registration without our way back or our grants is refused, and nothing is stored", async (t) => {
  const pair = await startPair(t);
  const server = { provider: "oidc", provider_options: { issuer_url: pair.as.issuer, registration: "dynamic" } };
  for (const [granted, said] of [
    [{ redirect_uris: ["https://evil.example/cb"] }, /did not grant redirect_uris: http/],
    [{ grant_types: ["client_credentials"] }, /did not grant grant_types: authorization_code, refresh_token/],
  ] as const) {
    pair.as.reply("/register", proper(granted));
    const written = await pair.write("oauth2/servers/own", server);
    assert.equal(written.status, 400);
    assert.match(written.body?.errors?.[0] ?? "", said);
    assert.equal((await pair.read("oauth2/servers/own")).status, 404);
  }
  pair.as.behave();
  assert.equal((await pair.write("oauth2/servers/own", server)).status, 204);
});

test("C20 a refresh that fails for now reads as token expired, and says when to come again", async (t) => {
  const pair = await startPair(t);
  await pair.write("oauth2/config", { tune_refresh_check_interval_seconds: 0 });
  pair.as.tokens.accessLife = 60;
  await importGrant(pair);
  pair.clock.advance(60_500);
  pair.as.reply("/token", html(500));
  const { status, body, headers } = await pair.read("oauth2/creds/me");
  assert.deepEqual([status, body?.errors], [503, ["token expired"]]);
  assert.equal(body?.data?.reason, "temporarily_unavailable");
  assert.ok(Number(headers.get("retry-after")) >= 1);
});

test("section 6: a client's own token never dies: after whatever was refused the next read asks again", async (t) => {
  const pair = await startPair(t);
  await configure(pair, pair.as, { client_secret: "secret-of-the-client" });
  pair.as.tokens.accessLife = 60;
  assert.equal((await pair.write("oauth2/self/me", { server: "as" })).status, 204);
  pair.clock.advance(60_500);
  pair.as.reply("/token", reset, oauthError("invalid_grant"), oauthError("access_denied"), proper());
  for (let i = 0; i < 3; i++) {
    assert.equal((await pair.read("oauth2/self/me")).status, 503);
    await pair.pass(1_800_000);
  }
  assert.equal((await pair.read("oauth2/self/me")).status, 200);
});

test("8.3 discovery and exchange of a write share one time-out", async (t) => {
  const pair = await startPair(t);
  const server = { provider: "oidc", client_id: "client", provider_options: { issuer_url: pair.as.issuer } };
  await pair.write("oauth2/servers/op", server);
  await pair.write("oauth2/config", { tune_provider_timeout_seconds: 10 });
  const next = await pair.restart();
  const slow = held(proper());
  pair.as.reply("/.well-known/openid-configuration", slow.fault);
  pair.as.reply("/token", hang);
  const writing = next.write("oauth2/creds/me", { server: "op", refresh_token: "rt" });
  await eventually("discovery", () => pair.as.to("/.well-known/openid-configuration").length > 1);
  await next.pass(6_000);
  slow.letGo();
  await eventually("the exchange", () => pair.as.to("/token").length === 1);
  await next.pass(5_000);
  assert.equal((await writing).status, 400);
});

test("5.2 the list says failed of a dead grant whose last token has expired", async (t) => {
  const pair = await startPair(t);
  pair.as.tokens.accessLife = 300;
  await importGrant(pair);
  pair.as.reply("/token", oauthError("invalid_grant"));
  await pair.pass(290_000);
  const info = async () => (await pair.read("oauth2/creds?list=true")).body?.data?.key_info as Record<string, unknown>;
  assert.match(JSON.stringify((await info()).me), /"status":"issued"/);
  await pair.pass(20_000);
  assert.match(JSON.stringify((await info()).me), /"status":"failed"/);
});

test("I2 no more refreshes are under way at once than a crash may put in doubt; hung ones give their places back", async (t) => {
  const pair = await startPair(t);
  const others = await Promise.all([1, 2, 3].map(() => startServer(t, () => pair.clock.now())));
  pair.as.tokens.accessLife = 300;
  await importGrant(pair, "last");
  for (const [index, as] of others.entries()) {
    as.tokens.accessLife = 200;
    await configure(pair, as, {}, `s${index}`);
    for (let i = 0; i < 5; i++) {
      const refresh_token = as.tokens.grant();
      await pair.write(`oauth2/creds/${index}/${i}`, { server: `s${index}`, refresh_token });
    }
    as.reply("/token", hang);
  }
  const underWay = () => others.reduce((sum, { holding }) => sum + holding.size, 0);
  pair.clock.stand(150_000);
  await pair.pass(1_000);
  assert.ok(underWay() > 1 && underWay() <= 8, `${underWay()} at the same time`);
  await pair.pass(6_000);
  assert.equal(underWay(), 15, "those that hang hold nobody up");
  await pair.pass(190_000);
  assert.equal((await pair.read("oauth2/creds/last")).status, 200);
});

test("CL-10 a Retry-After said to one credential holds for its whole server, and for no other", async (t) => {
  const pair = await startPair(t);
  const other = await startServer(t, () => pair.clock.now());
  await configure(pair, other, {}, "other");
  for (const name of ["a", "b", "c"]) await startDevice(pair, name);
  await startDevice(pair, "elsewhere", { server: "other" });
  pair.as.reply("/token", empty(429, { "retry-after": "120" }), oauthError("authorization_pending"));
  await pair.pass(6_000);
  const asked = pair.as.to("/token").length;
  await pair.pass(100_000);
  assert.equal(pair.as.to("/token").length, asked);
  assert.ok(other.to("/token").length > 15);
  await pair.pass(30_000);
  assert.ok(pair.as.to("/token").length >= asked + 3);
});

test("a server that answers nothing is asked by one request at a time, and by all as soon as it answers", async (t) => {
  const pair = await startPair(t);
  for (let i = 0; i < 12; i++) await startDevice(pair, `flow/${i}`);
  pair.as.reply("/token", reset);
  await pair.pass(20_000);
  const failed = pair.as.to("/token").length;
  await pair.pass(60_000);
  const tried = pair.as.to("/token").length - failed;
  assert.ok(tried >= 1 && tried <= 6, `${tried} trials in a minute`);
  pair.as.behave();
  pair.as.tokens.approved = true;
  await pair.pass(130_000);
  for (let i = 0; i < 12; i++) assert.equal((await pair.read(`oauth2/creds/flow/${i}`)).status, 200);
});

test("a read does not ask a server that wants to be left alone, and says when to come again", async (t) => {
  const pair = await startPair(t);
  await pair.write("oauth2/config", { tune_refresh_check_interval_seconds: 0 });
  pair.as.tokens.accessLife = 60;
  for (const name of ["a", "b"]) await importGrant(pair, name);
  pair.clock.advance(60_500);
  pair.as.reply("/token", empty(503, { "retry-after": "90" }));
  const first = await pair.read("oauth2/creds/a");
  const second = await pair.read("oauth2/creds/b");
  assert.deepEqual([first.status, second.status], [503, 503]);
  assert.equal(pair.as.to("/token").length, 3);
  assert.ok(Number(second.headers.get("retry-after")) >= 85);
});
