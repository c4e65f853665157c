import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { oauthError } from "../../servers/faults.ts";
import { startDemoStage } from "../../support/demo.ts";
import { DEVICE, type Pair, startDevice, startPair } from "../../support/misbehaving.ts";

const DENIED = { refresh_token: undefined };

/** An OpenID provider where everybody approves; a login of `alice` with a refresh token is there. */
async function signedIn(t: TestContext, provider: "oidc" | "custom" = "oidc"): Promise<Pair> {
  const pair = await startPair(t);
  if (provider === "oidc") {
    const provider_options = { issuer_url: pair.as.issuer };
    const written = await pair.write("oauth2/servers/as", { provider, client_id: "client", provider_options });
    assert.equal(written.status, 204, JSON.stringify(written.body));
  }
  pair.as.tokens.approved = true;
  pair.as.tokens.accessLife = 600;
  await logIn(pair, { scope: "openid read write" });
  return pair;
}

async function logIn(pair: Pair, extra: Record<string, unknown>, claims: Record<string, unknown> = {}, code = "") {
  const id_token = pair.as.idTokens.make(Math.floor(pair.clock.now() / 1000), claims);
  pair.as.tokens.extra = { id_token, ...extra };
  if (code === "") await startDevice(pair, "me", { scopes: "read" });
  else await pair.write("oauth2/creds/me", { server: "as", code, redirect_url: "https://x.example/" });
  await pair.pass(7_000);
  pair.as.tokens.extra = {};
}

const lastRefresh = (pair: Pair) =>
  pair.as
    .to("/token")
    .filter(({ form }) => form.get("grant_type") === "refresh_token")
    .at(-1)
    ?.form.get("refresh_token");

for (const code of ["", "another-code-once"]) {
  test(`FC-08 a second login of the same account without a refresh token keeps the one it had, by ${code === "" ? "device" : "code"}`, async (t) => {
    const pair = await signedIn(t);
    const before = (await pair.read("oauth2/creds/me")).body?.data?.access_token;
    await logIn(pair, { ...DENIED, scope: "openid read" }, {}, code);
    const { body } = await pair.read("oauth2/creds/me");
    assert.notEqual(body?.data?.access_token, before, "the new login counts");
    assert.match(String(body?.warnings), /issued no refresh token .*: the one of the login before it is kept$/);
    await pair.pass(700_000);
    assert.equal((await pair.read("oauth2/creds/me")).status, 200, "and it goes on");
    assert.ok(lastRefresh(pair));
    assert.equal(pair.as.tokens.replays, 0);
  });
}

test("FC-08 where it grants more the older login stays, and it is said why", async (t) => {
  const pair = await signedIn(t);
  const before = (await pair.read("oauth2/creds/me")).body?.data?.access_token;
  await logIn(pair, { ...DENIED, scope: "openid read admin" });
  const { body } = await pair.read("oauth2/creds/me");
  assert.equal(body?.data?.access_token, before);
  assert.match(String(body?.warnings), /so the login before it stays; to get one, .*prompt=consent/);
});

test("FC-08 a refresh token is bound to its client: of another one's login nothing is kept but the older login", async (t) => {
  const pair = await signedIn(t);
  const before = (await pair.read("oauth2/creds/me")).body?.data?.access_token;
  const provider_options = { issuer_url: pair.as.issuer };
  await pair.write("oauth2/servers/as", { provider: "oidc", client_id: "another", provider_options });
  await logIn(pair, { ...DENIED, scope: "openid read" }, { aud: "another" });
  const { body } = await pair.read("oauth2/creds/me");
  assert.equal(body?.data?.access_token, before);
  assert.match(String(body?.warnings), /so the login before it stays/);
});

test("FC-08 another account takes the place, and so does a login that is as good", async (t) => {
  const pair = await signedIn(t);
  await logIn(pair, { ...DENIED, scope: "openid read" }, { sub: "bob" });
  assert.equal((await pair.read("oauth2/creds/me")).body?.warnings, null);
  await pair.pass(700_000);
  const ended = await pair.read("oauth2/creds/me");
  assert.deepEqual([ended.status, ended.body?.data?.reason], [400, "token_expired"]);
  assert.equal(lastRefresh(pair), undefined, "alice's refresh token is never used for bob");
});

test("FC-08 where nobody knows whose login it is the new one counts, and says what was lost", async (t) => {
  const pair = await signedIn(t, "custom");
  await logIn(pair, DENIED);
  const { status, body } = await pair.read("oauth2/creds/me");
  assert.equal(status, 200);
  assert.match(String(body?.warnings), /and the one before it had one: this one ends with its access token/);
});

test("FC-08 REV-05 to delete a login that waits revokes the one whose place it takes, also where it came to nothing", async (t) => {
  const pair = await signedIn(t);
  pair.as.tokens.approved = false;
  const remove = async () => {
    const { status, body } = await pair.delete("oauth2/creds/me");
    assert.deepEqual([status, body?.warnings ?? null], [204, null]);
  };
  await startDevice(pair, "me", { scopes: "read" });
  await startDevice(pair, "me", { scopes: "read" });
  await remove();
  assert.deepEqual(
    [pair.as.tokens.revoked, pair.as.to("/revoke").length],
    [1, 1],
    "of two that waited, one after the other",
  );

  const again = async () => {
    pair.as.tokens.approved = true;
    await logIn(pair, { scope: "openid read write" });
    pair.as.tokens.approved = false;
    await startDevice(pair, "me", { scopes: "read" });
  };
  await again();
  await pair.pass(601_000);
  assert.equal((await pair.read("oauth2/creds/me")).body?.data?.reason, "expired_token");
  await remove();
  assert.equal(pair.as.tokens.revoked, 2, "its code ran out");

  await again();
  pair.as.reply("/token", oauthError("access_denied"));
  await pair.pass(6_000);
  pair.as.behave("/token");
  await pair.write("oauth2/config", { tune_reap_revoked_seconds: 60 });
  await pair.pass(400_000);
  assert.equal((await pair.read("oauth2/creds/me")).status, 404, "denied, and reaped");
  assert.equal(pair.as.tokens.revoked, 3);

  await again();
  await pair.pass(601_000);
  pair.as.tokens.approved = true;
  await logIn(pair, { ...DENIED, scope: "openid read" });
  assert.match(String((await pair.read("oauth2/creds/me")).body?.warnings), /the one of the login before it is kept$/);
  await remove();
  assert.equal(pair.as.tokens.revoked, 4, "the third login has it from the first");
});

test("FC-08 at the certified provider the tokens of a login that was to be replaced end with the one that waits", async (t) => {
  const stage = await startDemoStage(t);
  const asked = { server: "demo", grant_type: DEVICE, scopes: "offline_access notes:read" };
  const begin = async () => String((await stage.write("oauth2/creds/me", asked)).body?.data?.user_code);
  await stage.decide(await begin());
  const token = String((await stage.read("oauth2/creds/me")).body?.data?.access_token);
  await begin();
  assert.equal(await stage.isGood(token), true);
  assert.equal((await stage.delete("oauth2/creds/me")).status, 204);
  assert.equal(await stage.isGood(token), false);
});
