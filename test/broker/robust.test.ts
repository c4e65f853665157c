import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { hang, json, oauthError, proper } from "../../src/dev/faults.ts";
import type { Fault } from "../../src/dev/misbehaving.ts";
import { turns } from "../support/coatcheck.ts";
import { eventually } from "../support/eventually.ts";
import { configure, importGrant, type Pair, startDevice, startPair } from "../support/misbehaving.ts";

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
    await pair.pass(600_000, 1_000);
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
  await next.pass(60_000, 1_000);
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
  await pair.pass(60_000, 1_000);
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
  await pair.pass(140_000, 1_000);
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
