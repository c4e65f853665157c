import assert from "node:assert/strict";
import { test } from "node:test";
import { empty, hang, json, proper } from "../../servers/faults.ts";
import { type Pair, startDevice, startPair } from "../../support/misbehaving.ts";

/** An OpenID server record whose device flow is approved; tokens carry the id_token of `claims`. */
async function openid(
  t: Parameters<typeof startPair>[0],
  fields = "id_token,id_token_claims,user_info",
): Promise<Pair> {
  const pair = await startPair(t);
  const written = await pair.write("oauth2/servers/op", {
    provider: "oidc",
    client_id: "client",
    provider_options: { issuer_url: pair.as.issuer, extra_data_fields: fields },
  });
  assert.equal(written.status, 204, JSON.stringify(written.body));
  pair.as.tokens.approved = true;
  pair.as.tokens.accessLife = 600;
  return pair;
}

const idToken = (pair: Pair, claims = {}, header = {}) =>
  pair.as.idTokens.make(Math.floor(pair.clock.now() / 1000), claims, header);

async function login(pair: Pair) {
  await startDevice(pair, "me", { server: "op" });
  await pair.passUntil("the flow is polled", () => pair.as.to("/token").length >= 1, 10_000);
  await pair.pass(2_000);
  return pair.read("oauth2/creds/me");
}

test("C26 C27 C33 openid is asked for, the id_token is verified, extra data are read", async (t) => {
  const pair = await openid(t);
  pair.as.tokens.extra = { id_token: idToken(pair) };
  const read = await login(pair);
  assert.equal(pair.as.to("/device")[0]?.form.get("scope"), "openid");
  assert.equal(read.status, 200, JSON.stringify(read.body));
  const extra = read.body?.data?.extra_data as Record<string, Record<string, unknown>>;
  assert.equal(extra.id_token_claims?.sub, "alice");
  assert.equal(extra.user_info?.name, "Alice");
});

test("P17 a first id_token that is missing or cannot be trusted fails the flow and revokes the tokens", async (t) => {
  const now = (pair: Pair) => Math.floor(pair.clock.now() / 1000);
  const bad: readonly [string, (pair: Pair) => string | undefined][] = [
    ["missing", () => undefined],
    ["other issuer", (pair) => idToken(pair, { iss: "https://evil.example" })],
    ["other audience", (pair) => idToken(pair, { aud: "somebody" })],
    ["expired", (pair) => idToken(pair, { exp: now(pair) - 100 })],
    ["alg none", (pair) => idToken(pair, {}, { alg: "none" })],
    ["bad signature", (pair) => `${idToken(pair).slice(0, -6)}AAAAAA`],
  ];
  for (const [title, make] of bad) {
    const pair = await openid(t);
    pair.as.tokens.extra = { id_token: make(pair) };
    const read = await login(pair);
    assert.equal(read.status, 400, title);
    assert.equal(read.body?.data?.reason, "id_token_invalid", title);
    await pair.passUntil("the tokens are revoked", () => pair.as.to("/revoke").length === 1, 60_000);
  }
});

test("A10 trouble with the key set or userinfo loses no rotated token", async (t) => {
  const pair = await openid(t);
  pair.as.tokens.extra = { id_token: idToken(pair) };
  await login(pair);
  pair.as.reply("/jwks", empty(500));
  pair.as.reply("/userinfo", empty(500));
  await pair.passUntil("it is refreshed", () => pair.as.to("/token").length >= 2);
  await pair.pass(2_000);
  const read = await pair.read("oauth2/creds/me");
  assert.equal(read.status, 200);
  assert.equal(pair.as.tokens.replays, 0);
  assert.ok(pair.as.tokens.isGood(String(lastRefreshToken(pair))));
});

/** The newest refresh token the server has handed out. */
function lastRefreshToken(pair: Pair): string | undefined {
  for (let count = 100; count > 0; count--) {
    if (pair.as.tokens.isGood(`refresh-token-${count}`)) return `refresh-token-${count}`;
  }
  return undefined;
}

test("A10 a stop while the key set hangs loses no rotated token", async (t) => {
  const pair = await openid(t);
  pair.as.tokens.extra = { id_token: idToken(pair) };
  await login(pair);
  pair.as.reply("/jwks", hang);
  await pair.passUntil(
    "the new pair is in escrow",
    () => pair.as.to("/jwks").length >= 2 && pair.as.to("/token").length >= 2,
  );
  pair.as.behave();
  const again = await pair.restart();
  await again.pass(5_000);
  assert.equal((await again.read("oauth2/creds/me")).status, 200);
  assert.equal(pair.as.tokens.replays, 0);
});

test("A21 a refreshed id_token of somebody else ends the credential; foreign userinfo is dropped", async (t) => {
  const pair = await openid(t);
  pair.as.tokens.extra = { id_token: idToken(pair) };
  pair.as.reply("/userinfo", proper({ sub: "mallory" }));
  const first = await login(pair);
  assert.equal((first.body?.data?.extra_data as Record<string, unknown>)?.user_info, undefined);
  assert.match(String(first.body?.warnings?.join()), /user_info is not current/);
  await pair.pass(400_000);
  pair.as.tokens.extra = { id_token: idToken(pair, { sub: "mallory" }) };
  await pair.passUntil("it is refreshed", () => pair.as.to("/token").length >= 2);
  await pair.pass(2_000);
  const read = await pair.read("oauth2/creds/me");
  assert.equal(read.status, 400);
  assert.equal(read.body?.data?.reason, "subject_changed");
});

test("an imported refresh token needs no id_token: its first answer is a refresh", async (t) => {
  const pair = await openid(t);
  const written = await pair.write("oauth2/creds/me", { server: "op", refresh_token: pair.as.tokens.grant() });
  assert.equal(written.status, 204, JSON.stringify(written.body));
  assert.equal((await pair.read("oauth2/creds/me")).status, 200);
});

test("FC-35 metadata that name no single tenant are taken with the tenant of the id_token", async (t) => {
  const pair = await startPair(t);
  const { issuer } = pair.as;
  const tenant = "9188040d-6c67-4c5b-b112-36a304b66dad";
  const members = { issuer: `${issuer}/{tenantid}/v2.0`, issuer_template: "https://evil.example/{tenantid}" };
  const place = "/common/v2.0/.well-known/openid-configuration";
  const document = async (more: Record<string, unknown>) => {
    const proper = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();
    pair.as.reply(place, json(200, { ...(proper as object), ...members, ...more }));
  };
  const write = (issuer_url: string) =>
    pair.write("oauth2/servers/op", { provider: "oidc", client_id: "client", provider_options: { issuer_url } });
  await document({});
  assert.equal((await write(`${issuer}/common/v2.0`)).status, 204);
  pair.as.tokens.approved = true;
  for (const [claims, status] of [
    [{ iss: `${issuer}/${tenant}/v2.0`, tid: tenant }, 200],
    [{ iss: `${issuer}/${tenant}/v2.0`, tid: "another" }, 400],
    [{ iss: `${issuer}/a/b/v2.0`, tid: "a/b" }, 400],
    [{ iss: `${issuer}/{tenantid}/v2.0` }, 400],
    [{ iss: `https://evil.example/${tenant}`, tid: tenant }, 400],
  ] as const) {
    pair.as.tokens.extra = { id_token: idToken(pair, claims) };
    const polls = pair.as.to("/token").length;
    await startDevice(pair, "me", { server: "op" });
    await pair.passUntil("the flow is polled", () => pair.as.to("/token").length > polls, 10_000);
    await pair.pass(2_000);
    assert.equal((await pair.read("oauth2/creds/me")).status, status, JSON.stringify(claims));
  }
  for (const named of [
    "https://{tenantid}/v2.0",
    "https://evil.example/{tenantid}/v2.0",
    `${issuer}/{tenantid}/v1.0`,
  ]) {
    await document({ issuer: named });
    assert.equal((await write(`${issuer}/common/v2.0`)).status, 400, named);
  }
});
