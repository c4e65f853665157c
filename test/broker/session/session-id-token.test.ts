import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { empty } from "../../servers/faults.ts";
import { idTokensOf } from "../../servers/id-tokens.ts";
import { ask, begin, type Program, startSessions } from "../../support/sessions.ts";

type Pair = Awaited<ReturnType<typeof startSessions>>;

const idToken = (pair: Pair, claims = {}) => pair.as.idTokens.make(Math.floor(pair.clock.now() / 1000), claims);

/** A session at an OpenID provider; its access tokens live ten minutes, its id_tokens five. */
async function openidSession(t: TestContext): Promise<{ pair: Pair; program: Program }> {
  const pair = await startSessions(t);
  await pair.write("oauth2/servers/op", {
    provider: "oidc",
    client_id: "client",
    allow_sessions: true,
    provider_options: { issuer_url: pair.as.issuer },
  });
  pair.as.tokens.approved = true;
  pair.as.tokens.accessLife = 600;
  pair.as.tokens.extra = { id_token: idToken(pair) };
  const program = await begin(pair, { server: "op" });
  await pair.pass(6_000);
  assert.equal((await program.get()).body.status, "active");
  return { pair, program };
}

test("a program that asks for the id_token gets the one that was verified, and nobody else does", async (t) => {
  const { pair, program } = await openidSession(t);
  const token = await program.get("/token?id_token=true");
  assert.equal(token.status, 200, JSON.stringify(token.body));
  assert.equal(token.body.id_token, pair.as.tokens.extra.id_token);
  assert.ok(Number(token.body.id_token_expires_in) > 280, String(token.body.id_token_expires_in));
  assert.equal((await program.get("/token")).body.id_token, undefined);
  const { id } = (await program.get()).body;
  const read = await pair.read(`oauth2/creds/session/${id}`);
  assert.ok(!JSON.stringify(read.body).includes(String(token.body.id_token)), "a Vault-shaped read is as ever");
});

test("an id_token that has expired is refreshed beside an access token that is well, once for all readers", async (t) => {
  const { pair, program } = await openidSession(t);
  await pair.pass(285_000);
  const before = await program.get("/token");
  pair.as.tokens.extra = { id_token: idToken(pair) };
  const asked = pair.as.to("/token").length;
  const both = await Promise.all([1, 2].map(() => program.get("/token?id_token=true&min_valid=60")));
  for (const { status, body } of both) {
    assert.equal(status, 200, JSON.stringify(body));
    assert.equal(body.id_token, pair.as.tokens.extra.id_token);
    assert.notEqual(body.access_token, before.body.access_token);
  }
  assert.equal(pair.as.to("/token").length - asked, 1);
});

test("a refresh that brings no id_token leaves the old one, and its end is said without more refreshes", async (t) => {
  const { pair, program } = await openidSession(t);
  const first = pair.as.tokens.extra.id_token;
  pair.as.tokens.extra = {};
  await pair.pass(150_000);
  const short = await program.get("/token?id_token=true&min_valid=200");
  assert.equal(short.status, 400);
  assert.equal(short.body.error, "token_too_short");
  assert.equal((await program.get("/token?id_token=true")).body.id_token, first, "it is valid still");
  await pair.pass(145_000);
  const asked = pair.as.to("/token").length;
  for (const _ of [1, 2, 3]) {
    const ended = await program.get("/token?id_token=true");
    assert.equal(ended.status, 400);
    assert.equal(ended.body.error, "id_token_expired");
  }
  assert.equal(pair.as.to("/token").length, asked);
  assert.equal((await program.get("/token")).status, 200, "the access token is well");
});

test("after a refresh that brought none a later one is tried: it may bring one", async (t) => {
  const { pair, program } = await openidSession(t);
  pair.as.tokens.extra = {};
  await pair.pass(290_000);
  assert.equal((await program.get("/token?id_token=true")).body.error, "id_token_expired");
  await pair.pass(310_000);
  pair.as.tokens.extra = { id_token: idToken(pair) };
  const token = await program.get("/token?id_token=true");
  assert.equal(token.body.id_token, pair.as.tokens.extra.id_token, JSON.stringify(token.body));
});

test("a login without an id_token says so", async (t) => {
  const pair = await startSessions(t);
  pair.as.tokens.approved = true;
  const program = await begin(pair);
  const pending = await program.get("/token?id_token=true");
  assert.equal(pending.body.error, "authorization_pending");
  await pair.pass(6_000);
  const missing = await program.get("/token?id_token=true");
  assert.equal(missing.status, 400);
  assert.equal(missing.body.error, "id_token_missing");
  assert.match(String(missing.body.error_description), /sign in again/);
  assert.equal((await ask(pair, "GET", "/session/token", { bearer: program.secret })).status, 200);
});

test("FC-24 logins a moment after the provider's signing key changed are good, with one look at the key set for both", async (t) => {
  const { pair } = await openidSession(t);
  const looks = pair.as.to("/jwks").length;
  pair.as.idTokens.rotate("k2");
  pair.as.tokens.extra = { id_token: idToken(pair) };
  const programs = [await begin(pair, { server: "op" }), await begin(pair, { server: "op" })];
  await pair.pass(6_000);
  for (const program of programs) assert.equal((await program.get()).body.status, "active");
  assert.equal((await programs[0]?.get("/token?id_token=true"))?.status, 200);
  assert.equal(pair.as.to("/jwks").length, looks + 1);
  assert.equal(pair.as.to("/revoke").length, 0);
});

test("FC-24 a login whose key cannot be looked up is not refused, even where an account is expected", async (t) => {
  const { pair } = await openidSession(t);
  pair.as.idTokens.rotate("k2");
  pair.as.reply("/jwks", empty(503));
  pair.as.tokens.extra = { id_token: idToken(pair) };
  const program = await begin(pair, { server: "op", expected_account: "alice" });
  const other = await begin(pair, { server: "op", expected_account: "mallory" });
  await pair.pass(6_000);
  const { status, account } = (await program.get()).body as { status: string; account?: { subject: string } };
  assert.deepEqual([status, account?.subject], ["active", "alice"]);
  assert.equal((await other.get()).body.reason, "account_mismatch", "whose it is counts all the same");
  const early = await program.get("/token?id_token=true");
  assert.deepEqual([early.status, early.headers.get("retry-after")], [503, "5"]);
  assert.equal(early.body.id_token, undefined);
  pair.as.behave("/jwks");
  const asked = pair.as.to("/token").length;
  await pair.pass(5_000);
  assert.equal((await program.get("/token?id_token=true")).body.id_token, pair.as.tokens.extra.id_token);
  assert.equal(pair.as.to("/token").length, asked, "nothing was refreshed for it");
});

test("FC-25 at a refresh the new id_token waits for its key: 503 with Retry-After, and no rotation is burnt", async (t) => {
  const { pair, program } = await openidSession(t);
  await pair.pass(295_000);
  pair.as.idTokens.rotate("k2");
  pair.as.reply("/jwks", empty(503));
  pair.as.tokens.extra = { id_token: idToken(pair) };
  const asked = pair.as.to("/token").length;
  for (const _ of [1, 2, 3]) {
    const { status, headers, body } = await program.get("/token?id_token=true");
    assert.deepEqual([status, headers.get("retry-after"), body.error], [503, "5", "temporarily_unavailable"]);
    assert.match(String(body.error_description), /the key that signed it could not be looked up/);
    await pair.pass(5_000);
  }
  assert.equal((await program.get("/token")).status, 200, "the access token is well");
  assert.equal(pair.as.to("/token").length, asked + 1);
  pair.as.behave("/jwks");
  const read = await program.get("/token?id_token=true");
  assert.equal(read.status, 200, JSON.stringify(read.body));
  assert.equal(read.body.id_token, pair.as.tokens.extra.id_token);
  assert.equal(pair.as.to("/token").length, asked + 1);
  assert.ok(!JSON.stringify(read.body).includes("could not be verified"));
});

test("FC-25 an id_token that turns out to be another's work is given to nobody", async (t) => {
  const { pair, program } = await openidSession(t);
  await pair.pass(295_000);
  pair.as.reply("/jwks", empty(503));
  const forged = idTokensOf(pair.as.issuer);
  forged.rotate("k9");
  pair.as.tokens.extra = { id_token: forged.make(Math.floor(pair.clock.now() / 1000)) };
  assert.equal((await program.get("/token?id_token=true")).status, 503);
  pair.as.behave("/jwks");
  await pair.pass(5_000);
  const read = await program.get("/token?id_token=true");
  assert.deepEqual([read.status, read.body.error], [400, "id_token_expired"]);
  assert.equal((await program.get("/token")).status, 200);
});
