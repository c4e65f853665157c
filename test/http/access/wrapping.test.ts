import assert from "node:assert/strict";
import { test } from "node:test";
import vault from "node-vault";
import { startCoatcheck } from "../../support/coatcheck.ts";
import { ROOT_TOKEN } from "../../support/request.ts";
import { call, child, policy, type WrapInfo, wrapped } from "./stage.ts";

test("7 an answer is wrapped by its header, looked up, and read once by its token", async (t) => {
  const broker = await startCoatcheck(t);
  await broker.write("oauth2/servers/gh", { provider: "github", client_id: "a", client_secret: "s3cret" });
  const { status, info, data } = await wrapped(broker, ROOT_TOKEN, "GET", "oauth2/servers/gh", { ttl: "1m0s" });
  assert.deepEqual([status, data, info?.ttl, info?.creation_path], [200, null, 60, "oauth2/servers/gh"]);
  assert.equal(info?.wrapped_accessor, "");
  const token = info?.token ?? "";
  const looked = await call(broker, "", "POST", "sys/wrapping/lookup", { token });
  assert.deepEqual([looked.data.creation_ttl, looked.data.creation_path], [60, "oauth2/servers/gh"]);
  assert.equal((await call(broker, token, "GET", "sys/wrapping/lookup")).status, 200);
  assert.equal((await call(broker, token, "GET", "oauth2/servers/gh")).status, 403, "it opens nothing else");
  assert.equal((await call(broker, token, "GET", "auth/token/lookup-self")).status, 403);
  const { data: read } = await call(broker, token, "PUT", "sys/wrapping/unwrap", null);
  assert.equal(read.client_id, "a");
  const again = await call(broker, token, "PUT", "sys/wrapping/unwrap", null);
  assert.deepEqual([again.status, again.errors], [400, ["wrapping token is not valid or does not exist"]]);
  assert.equal((await call(broker, "", "POST", "sys/wrapping/lookup", { token })).status, 400);
});

test("7 node-vault, unmodified, unwraps a secret id, and logs in with it", async (t) => {
  const broker = await startCoatcheck(t);
  const ask = (method: string, path: string, body?: unknown) => call(broker, ROOT_TOKEN, method, path, body);
  await ask("POST", "sys/auth/approle", { type: "approle" });
  await ask("POST", "auth/approle/role/job", { token_policies: "ci" });
  const { role_id } = (await ask("GET", "auth/approle/role/job/role-id")).data;
  const { info } = await wrapped(broker, ROOT_TOKEN, "POST", "auth/approle/role/job/secret-id", { body: {} });
  const job = vault({ endpoint: broker.running.address, token: info?.token ?? "" });
  const { secret_id } = (await job.unwrap()).data;
  const login = await wrapped(broker, "", "POST", "auth/approle/login", { body: { role_id, secret_id } });
  assert.equal((login.info?.wrapped_accessor ?? "").length > 10, true, "of the login's token");
  const { auth } = await call(broker, login.info?.token ?? "", "POST", "sys/wrapping/unwrap");
  assert.equal(auth?.accessor, login.info?.wrapped_accessor);
  const refused = await wrapped(broker, "", "POST", "auth/approle/login", { body: { role_id, secret_id: "x" } });
  assert.deepEqual([refused.status, refused.info], [400, null], "a refusal is no secret");
  assert.doesNotMatch(broker.logged.join(), new RegExp(`${secret_id}|${login.info?.token}`));
});

test("7 wrap, rewrap and unwrap by another token; what nobody comes for is removed", async (t) => {
  const broker = await startCoatcheck(t);
  const ask = (method: string, path: string, body?: unknown) => call(broker, ROOT_TOKEN, method, path, body);
  const made = await wrapped(broker, ROOT_TOKEN, "POST", "sys/wrapping/wrap", { body: { a: "b", n: 1 }, ttl: "1h" });
  assert.equal((await ask("POST", "sys/wrapping/wrap", { a: "b" })).status, 400);
  const { client_token } = await child(broker, {});
  const rewrap = await fetch(`${broker.running.address}/v1/sys/wrapping/rewrap`, {
    method: "POST",
    headers: { "x-vault-token": ROOT_TOKEN },
    body: JSON.stringify({ token: made.info?.token }),
  });
  const { wrap_info: next } = (await rewrap.json()) as { wrap_info: WrapInfo };
  assert.deepEqual([next.ttl, next.creation_path], [3_600, "sys/wrapping/wrap"]);
  assert.equal((await ask("POST", "sys/wrapping/unwrap", { token: made.info?.token })).status, 400, "the former one");
  const { client_token: bare } = await child(broker, { policies: ["none"], no_default_policy: true });
  assert.equal((await call(broker, bare, "POST", "sys/wrapping/unwrap", { token: next.token })).status, 403);
  assert.equal((await call(broker, "", "POST", "sys/wrapping/unwrap", { token: next.token })).status, 403);
  const read = await call(broker, client_token, "POST", "sys/wrapping/unwrap", { token: next.token });
  assert.deepEqual(read.data, { a: "b", n: 1 });
  const late = await wrapped(broker, ROOT_TOKEN, "POST", "sys/wrapping/wrap", { body: { a: "b" }, ttl: "60" });
  await broker.pass(60_000);
  assert.equal((await ask("POST", "sys/wrapping/unwrap", { token: late.info?.token })).status, 400);
  const kept = async () => (await ask("GET", "auth/token/accessors?list=true")).data.keys;
  const before = await kept();
  const long = await wrapped(broker, ROOT_TOKEN, "POST", "auth/token/create", { ttl: "33d", body: {} });
  assert.deepEqual([long.status, await kept()], [400, before], "nothing is made whose answer would be lost");
});

test("ST-89 of two who unwrap at once one has it, and guesses are counted", async (t) => {
  const broker = await startCoatcheck(t);
  const { info } = await wrapped(broker, ROOT_TOKEN, "POST", "sys/wrapping/wrap", { body: { a: "b" } });
  const token = info?.token ?? "";
  const both = await Promise.all([1, 2, 3].map(() => call(broker, token, "POST", "sys/wrapping/unwrap")));
  assert.deepEqual(both.map(({ status }) => status).toSorted(), [200, 400, 400]);
  for (let guess = 0; guess < 18; guess++) await call(broker, `hvs.${guess}`, "POST", "sys/wrapping/unwrap");
  assert.equal((await call(broker, "hvs.x", "POST", "sys/wrapping/unwrap")).status, 429);
});

test("6 a policy that wants an answer wrapped grants it so, within its limits, and in no other way", async (t) => {
  const broker = await startCoatcheck(t);
  const rule = 'path "oauth2/servers/gh" { capabilities = ["read"] min_wrapping_ttl = "1m" max_wrapping_ttl = "90s" }';
  await policy(broker, "wrapped", rule);
  await broker.write("oauth2/servers/gh", { provider: "github", client_id: "a", client_secret: "s3cret" });
  const { client_token } = await child(broker, { policies: ["wrapped"] });
  assert.equal((await call(broker, client_token, "GET", "oauth2/servers/gh")).status, 403);
  for (const [ttl, status] of [
    ["59", 403],
    ["60", 200],
    ["90", 200],
    ["91", 403],
    ["soon", 400],
    ["-1", 400],
  ] as const) {
    assert.equal((await wrapped(broker, client_token, "GET", "oauth2/servers/gh", { ttl })).status, status, ttl);
  }
});

test("7 lists are wrapped too; what is no answer of Vault's form is refused, and 204 stays", async (t) => {
  const broker = await startCoatcheck(t);
  await broker.write("oauth2/servers/gh", { provider: "github", client_id: "a", client_secret: "s3cret" });
  const list = await wrapped(broker, ROOT_TOKEN, "GET", "oauth2/servers?list=true");
  const { data } = await call(broker, list.info?.token ?? "", "POST", "sys/wrapping/unwrap");
  assert.deepEqual(data.keys, ["gh"]);
  const plain = await wrapped(broker, ROOT_TOKEN, "GET", "sys/internal/specs/openapi");
  assert.deepEqual([plain.status, plain.errors.length], [400, 1]);
  assert.equal((await wrapped(broker, ROOT_TOKEN, "GET", "sys/metrics")).status, 400);
  assert.equal((await wrapped(broker, ROOT_TOKEN, "DELETE", "oauth2/servers/gh")).status, 204);
  assert.equal((await wrapped(broker, ROOT_TOKEN, "GET", "oauth2/servers/gh")).status, 404);
});
