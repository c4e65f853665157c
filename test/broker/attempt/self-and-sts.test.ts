import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { empty, oauthError, proper } from "../../servers/faults.ts";
import { configure, importGrant, type Pair, startDevice, startPair } from "../../support/misbehaving.ts";

async function confidential(t: Parameters<typeof startPair>[0]): Promise<Pair> {
  const pair = await startPair(t);
  await configure(pair, pair.as, { client_secret: "s3", token_endpoint_auth_method: "client_secret_post" });
  return pair;
}

test("C28 client credentials: scopes, parameters and options arrive and are read back", async (t) => {
  const pair = await confidential(t);
  const body = { server: "as", scopes: ["a", "b"], token_url_params: { audience: "api" }, maximum_expiry_seconds: 900 };
  assert.equal((await pair.write("oauth2/self/bot", body)).status, 204);
  const form = pair.as.to("/token")[0]?.form;
  assert.equal(form?.get("grant_type"), "client_credentials");
  assert.equal(form?.get("scope"), "a b");
  assert.equal(form?.get("audience"), "api");
  const read = await pair.read("oauth2/self/bot");
  assert.equal(read.status, 200);
  assert.deepEqual(read.body?.data?.token_url_params, { audience: "api" });
  assert.equal(read.body?.data?.maximum_expiry_seconds, 900);
  assert.ok((read.body?.lease_duration ?? 0) <= 900, "C21 the cap counts");
});

test("C29 OA-19 a token near its end is replaced by a new grant, then reused; nothing happens in the background", async (t) => {
  const pair = await confidential(t);
  pair.as.tokens.accessLife = 100;
  pair.as.reply("/token", proper({ refresh_token: "ignored" }));
  await pair.write("oauth2/self/bot", { server: "as" });
  await pair.pass(95_000);
  assert.equal(pair.as.to("/token").length, 1);
  await Promise.all(Array.from({ length: 20 }, () => pair.read("oauth2/self/bot")));
  assert.equal(pair.as.to("/token").length, 2);
  assert.equal(pair.as.to("/token")[1]?.form.get("grant_type"), "client_credentials");
});

test("a failed new grant costs nothing while the old token lives; refused parameters and missing secrets are said", async (t) => {
  const pair = await confidential(t);
  pair.as.tokens.accessLife = 600;
  await pair.write("oauth2/self/bot", { server: "as" });
  await pair.pass(400_000);
  pair.as.reply("/token", empty(503));
  const read = await pair.read("oauth2/self/bot?minimum_seconds=300");
  assert.equal(read.status, 503);
  const lower = await pair.read("oauth2/self/bot");
  assert.equal(lower.status, 200);
  assert.match(String(lower.body?.warnings?.[0]), /^1 attempt to refresh this token failed/);
  const reserved = await pair.write("oauth2/self/x", { server: "as", token_url_params: { scope: "y" } });
  assert.deepEqual(reserved.body?.errors, ['token_url_params must not contain "scope"']);
  await configure(pair, pair.as, {}, "public");
  const secretless = await pair.write("oauth2/self/x", { server: "public" });
  assert.deepEqual(secretless.body?.errors, ["client credentials flow failed: missing client secret in configuration"]);
  pair.as.reply("/token", oauthError("invalid_client", 401));
  const refused = await pair.write("oauth2/self/x", { server: "as" });
  assert.equal(refused.status, 400);
  assert.equal(refused.body?.data?.reason, "invalid_client");
});

test("C31 C32 TX-01 RES-02 token exchange: lists in order, repeated audience and resource, joined scope", async (t) => {
  const pair = await startPair(t);
  await importGrant(pair);
  const query = "scopes=a,b&audiences=x,y&resources=https://r.example/1,https://r.example/2";
  const read = await pair.read(`oauth2/sts/me?${query}`);
  assert.equal(read.status, 200, JSON.stringify(read.body));
  const form = pair.as.to("/token").at(-1)?.form;
  assert.equal(form?.get("grant_type"), "urn:ietf:params:oauth:grant-type:token-exchange");
  assert.deepEqual(form?.getAll("audience"), ["x", "y"]);
  assert.deepEqual(form?.getAll("resource"), ["https://r.example/1", "https://r.example/2"]);
  assert.equal(form?.get("scope"), "a b");
  assert.equal(read.body?.data?.issued_token_type, "urn:ietf:params:oauth:token-type:access_token");
});

test("1.2 a refused exchange says that the credential itself is well", async (t) => {
  const pair = await startPair(t);
  await importGrant(pair);
  for (const code of ["unsupported_grant_type", "invalid_grant", "access_denied", "whatever"]) {
    pair.as.reply("/token", oauthError(code));
    const { status, body } = await pair.read("oauth2/sts/me?audience=x");
    assert.deepEqual([status, body?.data?.status, body?.data?.provider_error], [400, "issued", code]);
  }
});

test("FC-13 a refused exchange has the status that errors.md gives it (Keycloak: Audience not found)", async (t) => {
  const pair = await startPair(t);
  await importGrant(pair);
  const table = readFileSync(join(import.meta.dirname, "../../../docs/errors.md"), "utf8");
  const [, , , , , ofExchange] = (table.match(/^\| `invalid_client` .*$/m)?.[0] ?? "").split("|");
  pair.as.reply("/token", oauthError("invalid_client", 400, { error_description: "Audience not found" }));
  const { status, body } = await pair.read("oauth2/sts/me?audience=x");
  assert.deepEqual([String(status), body?.data?.reason], [ofExchange?.trim(), "invalid_client"]);
  assert.match(String(body?.errors), /invalid_client: Audience not found$/);
});

test("section 10: a code that repeats what the request carried is not shown", async (t) => {
  const pair = await startPair(t);
  await startDevice(pair);
  pair.as.reply("/token", (exchange) => oauthError(exchange.form.get("device_code") ?? "")(exchange));
  await pair.pass(6_000);
  const { status, body } = await pair.read("oauth2/creds/me");
  assert.deepEqual([status, body?.data?.provider_error], [400, "unknown_error"]);
  assert.doesNotMatch(JSON.stringify(body), /device-code-/);
});

test("TX-05 an exchanged token is cached as a set, single flight, and dropped by a rewrite", async (t) => {
  const pair = await startPair(t);
  await importGrant(pair);
  const exchanges = () => pair.as.to("/token").filter(({ form }) => form.has("subject_token")).length;
  await Promise.all(Array.from({ length: 30 }, () => pair.read("oauth2/sts/me?audiences=x,y")));
  await pair.read("oauth2/sts/me?audiences=y,x");
  assert.equal(exchanges(), 1);
  await pair.read("oauth2/sts/me?audiences=z");
  assert.equal(exchanges(), 2);
  await importGrant(pair);
  await pair.read("oauth2/sts/me?audiences=x,y");
  assert.equal(exchanges(), 3);
});

test("TX-02 TX-03 something else than an access token is refused", async (t) => {
  const pair = await startPair(t);
  await importGrant(pair);
  for (const change of [
    { issued_token_type: "urn:ietf:params:oauth:token-type:saml2" },
    { issued_token_type: undefined },
    { token_type: "N_A" },
  ]) {
    pair.as.reply("/token", proper(change));
    const read = await pair.read("oauth2/sts/me?audiences=x");
    assert.equal(read.status, 400);
    assert.equal(read.body?.data?.reason, "unexpected_token_type");
  }
  assert.equal((await pair.read("oauth2/sts/nobody")).status, 404);
});
