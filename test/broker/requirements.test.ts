import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { json, oauthError, proper } from "../servers/faults.ts";
import { startServer } from "../servers/watched.ts";
import { configure, importGrant, startDevice, startPair } from "../support/misbehaving.ts";

const oidc = (issuer: string) => ({ provider: "oidc", client_id: "client", provider_options: { issuer_url: issuer } });

test("DEV-28 a device endpoint in the metadata is enough, whatever the grant types say", async (t) => {
  const pair = await startPair(t);
  pair.as.metadata.grant_types_supported = ["authorization_code"];
  assert.equal((await pair.write("oauth2/servers/op", oidc(pair.as.issuer))).status, 204);
  assert.equal((await startDevice(pair, "me", { server: "op" })).status, 200);
  pair.as.metadata.device_authorization_endpoint = undefined;
  assert.equal((await pair.write("oauth2/servers/op", oidc(pair.as.issuer))).status, 204);
  const none = await startDevice(pair, "me", { server: "op" });
  assert.deepEqual(none.body?.errors, ["device code URL not available"]);
});

test("DEV-01 OA-04 plain http and fragments are refused where secrets would go", async (t) => {
  const pair = await startPair(t, { networks: "" }).catch((error: Error) => error);
  assert.match(String(pair), /must be an https URL/);
});

test("META-08 OA-17 T02 a token endpoint that moves to another origin gets no stored secret until the server is written again", async (t) => {
  const pair = await startPair(t);
  pair.as.tokens.accessLife = 600;
  const sink = await startServer(t);
  await pair.write("oauth2/servers/op", { ...oidc(pair.as.issuer), client_secret: "s" });
  await importGrant(pair, "me", { server: "op" });
  pair.as.metadata.token_endpoint = `${sink.issuer}/token`;
  const again = await pair.restart();
  await again.pass(3_700_000);
  await again.read("oauth2/creds/me");
  assert.equal(sink.requests.length, 0);
  await again.write("oauth2/servers/op", { ...oidc(pair.as.issuer), client_secret: "s" });
  const moved = await again.write("oauth2/creds/me", { server: "op", refresh_token: "r" });
  assert.equal(moved.status, 400);
  assert.ok(sink.to("/token").length > 0, "a person has agreed by writing the server");
});

test("OA-20 O21-02 password and implicit grants are not offered", async (t) => {
  const pair = await startPair(t);
  for (const grant_type of ["password", "implicit", "token"]) {
    const written = await pair.write("oauth2/creds/me", { server: "as", grant_type });
    assert.deepEqual(written.body?.errors, ["unknown grant_type"]);
  }
});

test("PKCE-06 BCP-02 BCP-05 the broker's own flow has state, S256 and, with OpenID, a nonce", async (t) => {
  const pair = await startPair(t);
  await pair.write("oauth2/servers/op", oidc(pair.as.issuer));
  const { body } = await pair.write("oauth2/auth-code-url", { server: "op", name: "me", pkce: "none" });
  const query = new URL(String(body?.data?.url)).searchParams;
  for (const name of ["state", "code_challenge", "nonce"]) assert.ok((query.get(name) ?? "").length >= 43, name);
  assert.equal(query.get("code_challenge_method"), "S256");
  assert.equal(query.get("response_type"), "code", "BCP-06");
});

test("BCP-01 BCP-12 BCP-11 the callback redirects by 303, only to its own page, whatever it is given", async (t) => {
  const pair = await startPair(t);
  const { body } = await pair.write("oauth2/auth-code-url", { server: "as", name: "me" });
  const state = new URL(String(body?.data?.url)).searchParams.get("state") ?? "";
  const query = new URLSearchParams({ code: "c", state, return_to: "https://evil.example", next: "//evil.example" });
  const back = await fetch(`${pair.running.address}/v1/oauth2/callback?${query}`, { redirect: "manual" });
  assert.equal(back.status, 303);
  const target = new URL(back.headers.get("location") ?? "", pair.running.address);
  assert.equal(target.origin, new URL(pair.running.address).origin);
  assert.ok(!target.href.includes("evil") && !target.href.includes(state));
});

test("BCP-03 P12 mix-up: a flow's code goes to the server the flow was made for", async (t) => {
  const pair = await startPair(t);
  const other = await startServer(t);
  await configure(pair, other, {}, "other");
  const { body } = await pair.write("oauth2/auth-code-url", { server: "as", name: "me" });
  const state = new URL(String(body?.data?.url)).searchParams.get("state") ?? "";
  const search = new URLSearchParams({ code: "c", state, iss: other.issuer });
  await fetch(`${pair.running.address}/v1/oauth2/callback?${search}`, { redirect: "manual" });
  assert.equal(other.to("/token").length + pair.as.to("/token").length, 0);
});

test("BCP-10 O21-03 OA-01 no token and no secret is ever in a URL we ask for", async (t) => {
  const pair = await startPair(t);
  await configure(pair, pair.as, { client_secret: "client-secret-1" });
  await importGrant(pair);
  await startDevice(pair, "flow");
  await pair.read("oauth2/sts/me?audiences=x");
  await pair.pass(6_000);
  await pair.delete("oauth2/creds/me");
  assert.ok(pair.as.requests.length >= 5);
  for (const { path, target, method } of pair.as.requests) {
    assert.equal(target, path, "no query at all");
    if (path !== "/jwks" && !path.startsWith("/.well-known")) assert.equal(method, "POST");
  }
});

test("BCP-13 forwarded headers decide nothing", async (t) => {
  const pair = await startPair(t);
  const headers = { "x-forwarded-user": "root", "x-forwarded-for": "127.0.0.1", forwarded: "for=127.0.0.1;host=x" };
  const answer = await fetch(`${pair.running.address}/v1/oauth2/creds/me`, { headers });
  assert.equal(answer.status, 403);
});

test("TX-08 RES-04 a refused exchange is permanent for that request and is not repeated", async (t) => {
  const pair = await startPair(t);
  await importGrant(pair);
  const exchanges = () => pair.as.to("/token").filter(({ form }) => form.has("subject_token")).length;
  for (const [code, status] of [
    ["invalid_target", 400],
    ["invalid_request", 400],
  ] as const) {
    pair.as.reply("/token", oauthError(code));
    const before = exchanges();
    const read = await pair.read("oauth2/sts/me?audiences=x");
    assert.equal(read.status, status);
    assert.deepEqual(read.body?.errors, [`exchange failed: server rejected request: ${code}`]);
    assert.equal(exchanges(), before + 1);
  }
  const bad = await pair.read("oauth2/sts/me?resources=not-a-uri");
  assert.equal(bad.status, 400);
});

test("A22 an instance that cannot write calls no provider", async (t) => {
  const pair = await startPair(t);
  pair.as.tokens.accessLife = 600;
  await importGrant(pair);
  const blocker = new DatabaseSync(join(pair.data, "coatcheck.db"), { timeout: 0 });
  blocker.exec("BEGIN IMMEDIATE");
  const before = pair.as.requests.length;
  const written = await pair.write("oauth2/creds/other", { server: "as", refresh_token: pair.as.tokens.grant() });
  assert.equal(written.status, 503);
  await pair.pass(560_000);
  assert.equal(pair.as.requests.length, before, "nothing was sent while nothing could be stored");
  assert.equal((await pair.read("oauth2/creds/me")).status, 200, "a valid token is still served");
  blocker.exec("ROLLBACK");
  blocker.close();
  await pair.passUntil("it goes on by itself", () => pair.as.requests.length > before, 60_000);
});

test("D12 OA-05 OA-08 an odd success keeps its tokens, says so, and the next refresh uses the new one", async (t) => {
  for (const change of [
    { expires_in: -1 },
    { token_type: undefined },
    { token_type: "weird" },
    { scope: ["a"] },
    { id_token: "not.a" },
  ]) {
    const pair = await startPair(t);
    pair.as.tokens.accessLife = 600;
    await importGrant(pair);
    pair.as.reply("/token", proper(change), proper());
    await pair.passUntil("it is refreshed", () => pair.as.to("/token").length === 2);
    await pair.pass(1_000);
    const read = await pair.read("oauth2/creds/me");
    assert.equal(read.status, 200, JSON.stringify(change));
    assert.match(String(read.body?.warnings?.join()), /unusual/, JSON.stringify(change));
    assert.equal(pair.as.tokens.replays, 0);
  }
});

test("OA-09 a narrowed scope is recorded, shown and warned about", async (t) => {
  const pair = await startPair(t);
  pair.as.tokens.approved = true;
  pair.as.tokens.extra = { scope: "read" };
  await startDevice(pair, "me", { scopes: "read write admin" });
  await pair.pass(6_500);
  const read = await pair.read("oauth2/creds/me");
  assert.deepEqual(read.body?.data?.scopes, ["read"]);
  assert.deepEqual(read.body?.warnings, ["granted scopes lack: write, admin"]);
  assert.equal((await pair.read("oauth2/creds/me")).body?.warnings, null, "FC-07 once");
});

test("REG-01 REG-02 a provider that registers: the broker becomes its client by itself", async (t) => {
  const pair = await startPair(t);
  const written = await pair.write("oauth2/servers/dyn", {
    provider: "oidc",
    provider_options: { issuer_url: pair.as.issuer, registration: "dynamic" },
  });
  assert.equal(written.status, 204, JSON.stringify(written.body));
  assert.equal((await pair.read("oauth2/servers/dyn")).body?.data?.client_id, "registered-client");
  const asked = JSON.parse(pair.as.to("/register")[0]?.body ?? "{}");
  assert.equal(asked.client_name, "Coatcheck");
});

test("FC-20 writes of one server at once, as of instances that start together, register one client", async (t) => {
  const pair = await startPair(t);
  const server = { provider: "oidc", provider_options: { issuer_url: pair.as.issuer, registration: "dynamic" } };
  const write = () => pair.write("oauth2/servers/dyn", server);
  const [one, other] = await Promise.all([write(), write()]);
  assert.deepEqual([one.status, other.status].sort(), [204, 503]);
  const [late] = [one, other].filter(({ status }) => status === 503);
  assert.match(String(late?.body?.errors?.[0]), /^the registration of dyn is under way already: try again in a moment/);
  assert.equal((await write()).status, 204);
  assert.equal(pair.as.to("/register").length, 1);
});

test("REG-05 each refusal of a registration is told as it is, and nothing is stored", async (t) => {
  const pair = await startPair(t);
  const server = { provider: "oidc", provider_options: { issuer_url: pair.as.issuer, registration: "dynamic" } };
  for (const code of [
    "invalid_redirect_uri",
    "invalid_client_metadata",
    "invalid_software_statement",
    "unapproved_software_statement",
  ]) {
    pair.as.reply("/register", json(400, { error: code }));
    const refused = await pair.write("oauth2/servers/dyn", server);
    assert.equal(refused.status, 400);
    assert.deepEqual(refused.body?.errors, [`client registration failed: server rejected request: ${code}`]);
    assert.equal((await pair.read("oauth2/servers/dyn")).status, 404);
  }
  assert.equal(pair.as.to("/register").length, 4, "permanent: none is asked for twice");
});

test("OA-04 OA-01 the query of an endpoint stays, and nothing of ours joins it", async (t) => {
  const pair = await startPair(t);
  const { issuer } = pair.as;
  const query = "?p=B2C_1_signin&q=a+b";
  const provider_options = {
    auth_code_url: `${issuer}/authorize${query}`,
    token_url: `${issuer}/token${query}`,
    device_code_url: `${issuer}/device${query}`,
    revocation_url: `${issuer}/revoke${query}`,
  };
  await configure(pair, pair.as, { provider_options, client_secret: "secret-of-the-client" });
  const link = await pair.write("oauth2/auth-code-url", { server: "as", name: "you" });
  assert.ok(String(link.body?.data?.url).startsWith(`${issuer}/authorize${query}&`));
  pair.as.tokens.approved = true;
  await startDevice(pair);
  await pair.pass(6_000);
  assert.equal((await pair.read("oauth2/creds/me")).status, 200);
  assert.equal((await pair.delete("oauth2/creds/me")).status, 204);
  const asked = pair.as.requests.map(({ target }) => target);
  assert.deepEqual(asked, [`/device${query}`, `/token${query}`, `/revoke${query}`]);
});

test("META-09 a stale copy serves while a refetch fails or names another issuer, and a good one replaces it", async (t) => {
  const pair = await startPair(t);
  const fetches = () => pair.as.to("/.well-known/openid-configuration").length;
  pair.as.tokens.accessLife = 600;
  assert.equal((await pair.write("oauth2/servers/op", oidc(pair.as.issuer))).status, 204);
  await importGrant(pair, "me", { server: "op" });
  const bad = [json(503, {}), json(200, { issuer: "https://evil.example", token_endpoint: "https://evil.example/t" })];
  for (const fault of bad) {
    for (const name of ["openid-configuration", "oauth-authorization-server"])
      pair.as.reply(`/.well-known/${name}`, fault);
    const [asked, refreshed] = [fetches(), pair.as.to("/token").length];
    await pair.pass(4_300_000);
    assert.ok(fetches() > asked, "the copy is stale, and a new one is asked for");
    assert.ok(pair.as.to("/token").length > refreshed, "the stale one serves");
    assert.equal((await pair.read("oauth2/creds/me")).status, 200);
  }
  pair.as.behave();
  await pair.pass(1_000_000);
  const asked = fetches();
  await pair.pass(1_200_000);
  assert.equal(fetches(), asked, "the new copy is good for an hour");
});
