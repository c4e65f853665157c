import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { empty, hang, json } from "../../servers/faults.ts";
import type { Fault } from "../../servers/misbehaving.ts";
import type { Pair } from "../../support/misbehaving.ts";
import { Visitor } from "../../support/person/visitor.ts";
import { ask, begin, startSessions } from "../../support/sessions.ts";

const USER = "/api/v3/user";

/** A GitHub of one's own at the misbehaving server; octocat signs in. */
async function github(t: TestContext, more: Record<string, unknown> = {}): Promise<Pair> {
  const pair = await startSessions(t);
  const written = await pair.write("oauth2/servers/gh", {
    provider: "github",
    client_id: "client",
    client_secret: "client-secret",
    allow_sessions: true,
    provider_options: { base_url: pair.as.issuer },
    ...more,
  });
  assert.equal(written.status, 204, JSON.stringify(written.body));
  const { as } = pair;
  const token: Fault = (exchange) => {
    const { status, body } = as.tokens.token(exchange.form);
    return json(status, body)(exchange);
  };
  as.reply("/login/device/code", (exchange) => json(200, as.tokens.startDevice(as.issuer))(exchange));
  as.reply("/login/oauth/access_token", token);
  as.reply(USER, json(200, { id: 583231, login: "octocat", name: "The Octocat" }));
  as.tokens.approved = true;
  return pair;
}

async function login(pair: Pair, more: Record<string, unknown> = {}) {
  const program = await begin(pair, { server: "gh", ...more });
  await pair.pass(6_000);
  return { ...program, session: (await program.get()).body };
}

test("who signed in is told where the provider has no id_token: its API is asked once, with the first token", async (t) => {
  const pair = await github(t);
  const { session, get } = await login(pair);
  assert.deepEqual(session.account, { issuer: pair.as.issuer, subject: "583231", name: "octocat" });
  for (const [account, count] of [
    ["octocat", 1],
    ["583231", 1],
    ["hubot", 0],
  ] as const) {
    const { keys } = (await pair.read(`oauth2/creds?list=true&account=${account}`)).body?.data ?? {};
    assert.equal((keys as readonly string[]).length, count, account);
  }
  const [asked, ...more] = pair.as.to(USER);
  assert.match(String(asked?.headers.authorization), /^Bearer access-token-/);
  assert.deepEqual(more, []);
  pair.as.tokens.accessLife = 600;
  await pair.pass(3_600_000);
  assert.equal((await get("/token")).status, 200);
  assert.ok(pair.as.to("/login/oauth/access_token").length > 1, "it was refreshed");
  assert.equal(pair.as.to(USER).length, 1);
  assert.deepEqual((await get()).body.account, session.account);
});

test("an API that fails or hangs costs the account alone, and says so", async (t) => {
  for (const fault of [empty(500), hang, json(200, { login: "octocat" })]) {
    const pair = await github(t);
    pair.as.reply(USER, fault);
    const { session, get } = await login(pair);
    await pair.pass(6_000);
    const after = (await get()).body;
    assert.equal(after.status, "active", JSON.stringify(session));
    assert.equal(after.account, undefined);
    assert.match(String(after.warnings), /did not say who signed in/);
    assert.equal((await get("/token")).status, 200);
  }
});

test("a credential that was written by hand asks no account API", async (t) => {
  const pair = await github(t);
  await pair.write("oauth2/creds/me", { server: "gh", refresh_token: pair.as.tokens.grant() });
  assert.equal((await pair.read("oauth2/creds/me")).status, 200);
  assert.deepEqual(pair.as.to(USER), []);
});

test("XD-08 a login of another account than the expected one is revoked, and nothing is handed out", async (t) => {
  const pair = await github(t);
  for (const expected_account of ["octocat", "583231"]) {
    const { session } = await login(pair, { expected_account });
    assert.equal(session.status, "active", expected_account);
  }
  const { session, get } = await login(pair, { expected_account: "hubot" });
  assert.equal(session.status, "failed");
  assert.equal(session.reason, "account_mismatch");
  assert.match(String(session.error_description), /the login belongs to octocat, not to hubot/);
  const token = await get("/token");
  assert.equal(token.status, 400);
  assert.equal(token.body.error, "account_mismatch");
  const revoked = () => pair.as.to("/api/v3/applications/client/token").length > 0;
  await pair.passUntil("its token is revoked", revoked, 60_000);
});

test("XD-08 what cannot be told is refused: no account call, no answer, a name that anybody can choose", async (t) => {
  const pair = await github(t);
  const refused = await ask(pair, "POST", "/sessions", { body: { server: "as", expected_account: "octocat" } });
  assert.equal(refused.status, 400);
  assert.match(String(refused.body.error_description), /does not say who signs in/);
  pair.as.reply(USER, empty(403));
  assert.equal((await login(pair, { expected_account: "octocat" })).session.reason, "account_mismatch");
  await pair.write("oauth2/servers/gh", {
    provider: "oidc",
    client_id: "client",
    allow_sessions: true,
    provider_options: { issuer_url: pair.as.issuer },
  });
  const claims = { preferred_username: "al", name: "Boss", email: "boss@example.com" };
  const signIn = (more: Record<string, unknown>, expected_account: string) => {
    const now = Math.floor(pair.clock.now() / 1000);
    pair.as.tokens.extra = { id_token: pair.as.idTokens.make(now, { ...claims, ...more }) };
    return login(pair, { expected_account });
  };
  for (const wrong of ["Boss", "boss@example.com", "AL"]) {
    assert.equal((await signIn({}, wrong)).session.reason, "account_mismatch", wrong);
  }
  for (const right of ["alice", "al", "boss@example.com"]) {
    assert.equal((await signIn({ email_verified: true }, right)).session.status, "active", right);
  }
});

test("XD-08 holds for a login by the broker's own page too", async (t) => {
  const pair = await github(t, { session_flow: "page" });
  const page = async (expected_account: string) => {
    const { started, get } = await begin(pair, { server: "gh", expected_account });
    const visitor = new Visitor();
    await visitor.open(`${pair.running.address}/device`);
    await visitor.submit({ user_code: String(started.user_code) });
    await visitor.submit({ decision: "allow" });
    const link = /<a class="button" rel="noreferrer" href="([^"]*)"/.exec(visitor.html)?.[1]?.replaceAll("&amp;", "&");
    const state = new URL(link ?? "").searchParams.get("state") ?? "";
    const code = `code-for-${expected_account}`;
    await visitor.open(`${pair.running.address}/v1/oauth2/callback?${new URLSearchParams({ code, state })}`);
    return { html: visitor.html, session: (await get()).body };
  };
  assert.equal((await page("octocat")).session.status, "active");
  const { html, session } = await page("hubot");
  assert.equal(session.reason, "account_mismatch");
  assert.match(html, /the login belongs to octocat, not to hubot/);
});
