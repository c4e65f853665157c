import assert from "node:assert/strict";
import { test } from "node:test";
import { codeChallenge } from "../../src/protocol/pkce.ts";
import { cutAfter, empty, oauthError, proper } from "../servers/faults.ts";
import { configure, type Pair, startDevice, startPair } from "../support/misbehaving.ts";

/** Starts a login by the broker's callback and answers the link's query. */
async function link(pair: Pair, more: Record<string, unknown> = {}) {
  const written = await pair.write("oauth2/auth-code-url", { server: "as", name: "me", scopes: "read", ...more });
  assert.equal(written.status, 200, JSON.stringify(written.body));
  const url = new URL(String(written.body?.data?.url));
  return { url, query: url.searchParams, data: written.body?.data ?? {} };
}

function callback(pair: Pair, query: Record<string, string> | string) {
  const search = typeof query === "string" ? query : new URLSearchParams(query);
  return fetch(`${pair.running.address}/v1/oauth2/callback?${search}`, { redirect: "manual" });
}

test("A23 PKCE-05 OA-15 the broker's callback exchanges with its verifier and fills the credential", async (t) => {
  const pair = await startPair(t);
  const { query } = await link(pair);
  const pending = await pair.read("oauth2/creds/me");
  assert.equal(pending.status, 503);
  assert.equal(pending.headers.get("retry-after"), "5");
  assert.match(String(pending.body?.data?.url), /code_challenge_method=S256/);
  const state = query.get("state") ?? "";
  const back = await callback(pair, { code: "c-1", state, iss: pair.as.issuer });
  assert.equal(back.status, 303);
  assert.equal(back.headers.get("cache-control"), "no-store");
  assert.equal(back.headers.get("referrer-policy"), "no-referrer");
  assert.ok(!/c-1|state/.test(back.headers.get("location") ?? ""));
  assert.equal((await pair.read("oauth2/creds/me")).status, 200);
  const sent = pair.as.to("/token")[0]?.form;
  assert.equal(await codeChallenge(sent?.get("code_verifier") ?? ""), query.get("code_challenge"));
  assert.equal(sent?.get("redirect_uri"), query.get("redirect_uri"));
});

test("a link carries what the provider wants for a refresh token, unless the caller says otherwise", async (t) => {
  const pair = await startPair(t);
  const record = { provider: "atlassian", client_id: "c", client_secret: "s" };
  assert.equal((await pair.write("oauth2/servers/work", record)).status, 204);
  const usual = await link(pair, { server: "work" });
  assert.deepEqual([usual.query.get("audience"), usual.query.get("prompt")], ["api.atlassian.com", "consent"]);
  const own = await link(pair, { server: "work", auth_url_params: { prompt: "none" } });
  assert.deepEqual([own.query.get("audience"), own.query.get("prompt")], ["api.atlassian.com", "none"]);
});

test("A23 OA-14 OA-16 ISS-01 ISS-06 wrong state, wrong issuer, repeated parameters and a second use reach nobody", async (t) => {
  const pair = await startPair(t);
  const { query } = await link(pair);
  const state = query.get("state") ?? "";
  const refused = [
    `code=c&state=${state}x`,
    `code=c&code=d&state=${state}`,
    `code=c&state=${state}&state=${state}`,
    "code=c",
  ];
  for (const search of refused) assert.equal((await callback(pair, search)).status, 400, search);
  assert.equal(pair.as.to("/token").length, 0);
  await callback(pair, { code: "c", state, iss: "https://evil.example" });
  assert.equal(pair.as.to("/token").length, 0, "another issuer's code is sent nowhere");
  const second = await link(pair);
  const good = { code: "c-2", state: second.query.get("state") ?? "" };
  assert.equal((await callback(pair, good)).status, 303);
  assert.equal((await callback(pair, good)).status, 400, "a state is used once");
  assert.equal(pair.as.to("/token").length, 1);
});

test("OA-16 a link is not used up by its answer while the server cannot be looked up: nothing was sent, and it may come again", async (t) => {
  const pair = await startPair(t);
  const record = { provider: "oidc", client_id: "client", provider_options: { issuer_url: pair.as.issuer } };
  assert.equal((await pair.write("oauth2/servers/found", record)).status, 204);
  const { query } = await link(pair, { server: "found" });
  const redirect_url = "https://app.example/back";
  const own = await link(pair, { server: "found", name: "", redirect_url, pkce: "S256" });
  const lost = "/.well-known/openid-configuration";
  const after = await pair.restart(() => pair.as.reply(lost, empty(503)));
  const again: Pair = { ...pair, ...after };
  const answered = { code: "c", state: query.get("state") ?? "", iss: pair.as.issuer };
  const exchanged = { server: "found", code: "c-2", state: own.query.get("state") };
  await callback(again, answered);
  assert.equal((await again.write("oauth2/creds/own", exchanged)).status, 400);
  assert.equal(pair.as.to("/token").length, 0);
  assert.equal((await again.read("oauth2/creds/me")).status, 503, "it still waits");
  pair.as.behave(lost);
  const now = Math.floor(pair.clock.now() / 1000);
  pair.as.tokens.extra = { id_token: pair.as.idTokens.make(now, { nonce: query.get("nonce") }) };
  await callback(again, answered);
  assert.equal((await again.read("oauth2/creds/me")).status, 200);
  const written = await again.write("oauth2/creds/own", exchanged);
  assert.equal(written.status, 204, JSON.stringify(written.body));
});

test("OA-16 a link whose server is gone for good is used up by its answer", async (t) => {
  const pair = await startPair(t);
  const { query } = await link(pair);
  assert.equal((await pair.delete("oauth2/servers/as")).status, 204);
  const answered = { code: "c", state: query.get("state") ?? "", iss: pair.as.issuer };
  assert.equal((await callback(pair, answered)).status, 303);
  assert.equal((await callback(pair, answered)).status, 400);
  assert.equal(pair.as.to("/token").length, 0);
});

test("ISS-02 an issuer that promises iss must send it", async (t) => {
  const pair = await startPair(t);
  pair.as.metadata.authorization_response_iss_parameter_supported = true;
  await pair.write("oauth2/servers/promised", {
    provider: "oidc",
    client_id: "client",
    provider_options: { issuer_url: pair.as.issuer },
  });
  const { query } = await link(pair, { server: "promised" });
  await callback(pair, { code: "c", state: query.get("state") ?? "" });
  assert.equal(pair.as.to("/token").length, 0);
});

test("OA-23 a refusal at the authorization endpoint fails the pending credential", async (t) => {
  const pair = await startPair(t);
  const { query } = await link(pair);
  await callback(pair, { error: "access_denied", state: query.get("state") ?? "" });
  const read = await pair.read("oauth2/creds/me");
  assert.equal(read.status, 400);
  assert.equal(read.body?.data?.reason, "access_denied");
});

test("an unused link runs out and the credential says so", async (t) => {
  const pair = await startPair(t);
  const { data } = await link(pair);
  assert.ok(data.expire_time);
  await pair.pass(605_000);
  const read = await pair.read("oauth2/creds/me");
  assert.equal(read.status, 400);
  assert.equal(read.body?.data?.reason, "expired_token");
});

test("an existing credential stays in use until the exchange succeeds; a rewrite cancels the link", async (t) => {
  const pair = await startPair(t);
  await pair.write("oauth2/creds/me", { server: "as", refresh_token: pair.as.tokens.grant() });
  const before = (await pair.read("oauth2/creds/me")).body?.data?.access_token;
  const first = await link(pair);
  pair.as.reply("/token", oauthError("invalid_grant"));
  await callback(pair, { code: "c", state: first.query.get("state") ?? "" });
  pair.as.behave();
  assert.equal((await pair.read("oauth2/creds/me")).body?.data?.access_token, before);
  const second = await link(pair);
  await pair.write("oauth2/creds/me", { server: "as", refresh_token: pair.as.tokens.grant() });
  const rewritten = (await pair.read("oauth2/creds/me")).body?.data?.access_token;
  await callback(pair, { code: "c-9", state: second.query.get("state") ?? "" });
  assert.equal((await pair.read("oauth2/creds/me")).body?.data?.access_token, rewritten);
  await pair.passUntil("the unwanted tokens are revoked", () => pair.as.to("/revoke").length === 1, 60_000);
});

test("C12–C14 the authorization URL: order, parameters, reserved names, errors", async (t) => {
  const pair = await startPair(t);
  await configure(pair, pair.as, { auth_url_params: { prompt: "server" } });
  const { url, query } = await link(pair, { auth_url_params: { prompt: "caller", foo: "bar" } });
  const order = ["response_type", "client_id", "redirect_uri", "scope", "state", "code_challenge"];
  assert.deepEqual([...query.keys()].slice(0, 6), order);
  assert.equal(query.get("prompt"), "server");
  assert.equal(query.get("foo"), "bar");
  assert.equal(url.origin, pair.as.issuer);
  const bad = async (more: Record<string, unknown>, text: string) => {
    const written = await pair.write("oauth2/auth-code-url", { server: "as", ...more });
    assert.equal(written.status, 400);
    assert.deepEqual(written.body?.errors, [text]);
  };
  await bad({ name: "x", auth_url_params: { client_id: "y" } }, 'auth_url_params must not contain "client_id"');
  await bad({ name: "x", auth_url_params: { nonce: "y" } }, 'auth_url_params must not contain "nonce"');
  await bad({ name: "x", auth_url_params: { Redirect_URI: "y" } }, 'auth_url_params must not contain "Redirect_URI"');
  await bad({ name: "x", redirect_url: "https://a/" }, "give name or redirect_url, not both");
  await bad({ pkce: "S256" }, "missing redirect_url");
  await bad({ redirect_url: "/relative" }, "redirect_url must be an absolute URI without fragment");
  await bad({ server: "", name: "x" }, "missing server (consider configuring a default server)");
  const state = { name: "x", state: "chosen" };
  assert.equal((await pair.write("oauth2/auth-code-url", { server: "as", ...state })).status, 200);
  await bad(state, "state is already in use");
});

test("a code written with its state finds verifier and redirect URI; used once; unknown ones are refused", async (t) => {
  const pair = await startPair(t);
  const url = { server: "as", redirect_url: "https://app.example/cb", pkce: "S256" };
  const written = await pair.write("oauth2/auth-code-url", url);
  const state = String(written.body?.data?.state);
  pair.as.reply("/token", empty(503), proper());
  const write = () => pair.write("oauth2/creds/me", { code: "c-1", state });
  assert.equal((await write()).status, 502, "not consumed: safe to repeat");
  assert.equal((await write()).status, 204);
  const sent = pair.as.to("/token").at(-1)?.form;
  assert.equal(sent?.get("redirect_uri"), "https://app.example/cb");
  assert.ok((sent?.get("code_verifier") ?? "").length >= 43);
  assert.deepEqual((await pair.write("oauth2/creds/me", { server: "as", code: "c-1", state })).body?.errors, [
    "unknown or expired state",
  ]);
});

test("A9 a code without a definite answer is 400 outcome_unknown, and nothing is stored", async (t) => {
  const pair = await startPair(t);
  pair.as.reply("/token", cutAfter(5));
  const written = await pair.write("oauth2/creds/me", { server: "as", code: "c", redirect_url: "https://a.example/" });
  assert.equal(written.status, 400);
  assert.equal(written.body?.data?.reason, "outcome_unknown");
  assert.equal((await pair.read("oauth2/creds/me")).status, 404);
});

test("bad combinations of a write are refused before anything is sent", async (t) => {
  const pair = await startPair(t);
  for (const [body, text] of [
    [{ server: "as" }, "missing code"],
    [{ server: "as", grant_type: "refresh_token" }, "missing refresh_token"],
    [
      { server: "as", grant_type: "refresh_token", refresh_token: "r", code: "c" },
      "cannot use code with refresh_token grant type",
    ],
    [
      { server: "as", grant_type: "authorization_code", refresh_token: "r", code: "c" },
      "cannot use refresh_token with authorization_code grant type",
    ],
    [{ server: "as", grant_type: "password" }, "unknown grant_type"],
    [{ server: "as", grant_type: "toString" }, "unknown grant_type"],
    [{ server: "as", code: "c", state: "s", code_verifier: "v" }, "give state or code_verifier, not both"],
    [{ server: "as", code: "c", state: "s" }, "unknown or expired state"],
    [{ code: "c" }, "missing server (consider configuring a default server)"],
    [
      { server: "none", code: "c" },
      'server "none" has configuration problems: server configuration does not exist (was it deleted?)',
    ],
  ] as const) {
    const written = await pair.write("oauth2/creds/me", body);
    assert.equal(written.status, 400);
    assert.deepEqual(written.body?.errors, [text]);
  }
  assert.equal(pair.as.to("/token").length, 0);
});

test("a code that is refused ends no device flow that was under way under that name", async (t) => {
  const pair = await startPair(t);
  await startDevice(pair);
  const { query } = await link(pair);
  pair.as.reply("/token", oauthError("invalid_scope"));
  await callback(pair, { code: "c", state: query.get("state") ?? "" });
  assert.equal(pair.as.to("/token").length, 1);
  pair.as.behave();
  pair.as.tokens.approved = true;
  await pair.pass(7_000);
  assert.equal((await pair.read("oauth2/creds/me")).status, 200);
});
