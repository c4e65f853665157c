import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { oauthError } from "../../servers/faults.ts";
import { configure, type Pair } from "../../support/misbehaving.ts";
import { ask, begin, OPERATOR, startSessions } from "../../support/sessions.ts";

/** A browser of its own: its cookie, and what its pages hide in forms. */
class Visitor {
  readonly #pair: Pair;
  cookie = "";

  constructor(pair: Pair) {
    this.#pair = pair;
  }

  async open(path = "/device", headers: Record<string, string> = {}) {
    return this.#read(
      await fetch(this.#url(path), { redirect: "manual", headers: { cookie: this.cookie, ...headers } }),
    );
  }

  async post(path: string, form: Record<string, string>, headers: Record<string, string> = {}) {
    const body = new URLSearchParams(form);
    const init = { method: "POST", body, redirect: "manual", headers: { cookie: this.cookie, ...headers } } as const;
    return this.#read(await fetch(this.#url(path), init));
  }

  /** Types a code on a fresh page. */
  async type(code: string) {
    const { token } = await this.open();
    return this.post("/device", { user_code: code, token });
  }

  #url(path: string): string {
    return `${this.#pair.running.address}${path}`;
  }

  async #read(response: Response) {
    const [cookie] = response.headers.getSetCookie();
    if (cookie?.startsWith("coatcheck_browser")) this.cookie = cookie.split(";")[0] ?? "";
    const html = await response.text();
    const token = /name="token" value="([^"]*)"/.exec(html)?.[1] ?? "";
    const link = /<a class="button" rel="noreferrer" href="([^"]*)"/.exec(html)?.[1]?.replaceAll("&amp;", "&");
    return { status: response.status, headers: response.headers, html, token, link };
  }
}

const pageServer = (t: TestContext) => startSessions(t, { session_flow: "page" });

/** Types the code and allows it; answers the link to the provider. */
async function allow(visitor: Visitor, code: string): Promise<URL> {
  const { token } = await visitor.type(code);
  const { link } = await visitor.post("/device/decision", { user_code: code, token, decision: "allow" });
  assert.ok(link);
  return new URL(link);
}

test("where there is no device grant the program cannot tell: a code, a page, code and PKCE, a token", async (t) => {
  const pair = await startSessions(t, { provider_options: { device_code_url: "" } });
  const { started, get } = await begin(pair, { scopes: "read", label: "deploy-bot" });
  const code = String(started.user_code);
  assert.match(code, /^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
  assert.equal(started.verification_uri, "http://127.0.0.1:8200/device");
  assert.equal(started.verification_uri_complete, `http://127.0.0.1:8200/device?user_code=${code}`);
  assert.equal(started.expires_in, 600);
  assert.equal((await get()).body.user_code, code);
  assert.equal((await get("/token")).body.error, "authorization_pending");
  const waiting = get("?wait=30");
  const visitor = new Visitor(pair);
  const link = await allow(visitor, code.toLowerCase().replace("-", " "));
  assert.equal(link.origin, pair.as.issuer);
  assert.equal(link.searchParams.get("code_challenge_method"), "S256");
  assert.equal(link.searchParams.get("scope"), "read");
  const state = link.searchParams.get("state") ?? "";
  const back = await visitor.open(`/v1/oauth2/callback?${new URLSearchParams({ code: "c-1", state })}`);
  assert.equal(back.status, 303);
  assert.equal((await waiting).body.status, "active");
  const token = await get("/token");
  assert.equal(token.status, 200);
  assert.deepEqual(token.body.scope, "read");
});

test("the operator may turn the device grant off, and the program may ask for the page", async (t) => {
  const pair = await pageServer(t);
  assert.equal((await pair.read("oauth2/servers/as")).body?.data?.session_flow, "page");
  assert.match(String((await begin(pair)).started.verification_uri), /\/device$/);
  await pair.write("oauth2/servers/as", { ...(await serverOf(pair)), session_flow: "" });
  assert.match(String((await begin(pair)).started.verification_uri), /\/activate$/);
  assert.match(String((await begin(pair, { flow: "page" })).started.verification_uri), /\/device$/);
  assert.equal((await pair.write("oauth2/servers/as", { ...(await serverOf(pair)), session_flow: "x" })).status, 400);
});

test("XD-02 the answer says which flow it is and why, while the login is pending", async (t) => {
  const pair = await startSessions(t);
  const flowOf = async (more: Record<string, unknown> = {}) => {
    const { started, get } = await begin(pair, more);
    const { flow, flow_reason } = (await get()).body;
    assert.deepEqual([started.flow, started.flow_reason], [flow, flow_reason]);
    return [flow, flow_reason];
  };
  assert.deepEqual(await flowOf(), ["device", "device_grant"]);
  assert.deepEqual(await flowOf({ flow: "page" }), ["page", "program"]);
  await pair.write("oauth2/servers/as", { ...(await serverOf(pair)), session_flow: "page" });
  assert.deepEqual(await flowOf({ flow: "page" }), ["page", "operator"]);
  await configure(pair, pair.as, { allow_sessions: true, provider_options: { device_code_url: "" } });
  assert.deepEqual(await flowOf(), ["page", "no_device_grant"]);
});

async function serverOf(pair: Pair): Promise<Record<string, unknown>> {
  return (await pair.read("oauth2/servers/as")).body?.data ?? {};
}

test("XD-10 the page shows who asks for what from where, and denying is told to the program", async (t) => {
  const pair = await pageServer(t);
  const { started, get } = await begin(pair, { scopes: "read write", label: "<b>bot</b>" });
  const code = String(started.user_code);
  const visitor = new Visitor(pair);
  const asked = await visitor.type(code);
  for (const text of [
    "&lt;b&gt;bot&lt;/b&gt;",
    "read, write",
    "127.0.0.1",
    code,
    ">as<",
    "If you did not start this",
  ]) {
    assert.ok(asked.html.includes(text), text);
  }
  assert.ok(!asked.html.includes("<b>bot"));
  assert.ok(!asked.html.includes("another address"), "both are the same");
  const csp = asked.headers.get("content-security-policy") ?? "";
  assert.match(csp, /default-src 'none'/);
  assert.match(csp, /frame-ancestors 'none'/);
  assert.equal(asked.headers.get("cache-control"), "no-store");
  const waiting = get("?wait=30");
  const denied = await visitor.post("/device/decision", { user_code: code, token: asked.token, decision: "deny" });
  assert.match(denied.html, /Nothing was connected/);
  assert.equal((await waiting).body.status, "denied");
  assert.equal((await get("/token")).body.error, "access_denied");
  assert.equal(pair.as.requests.length, 0, "nothing was asked of the provider");
});

test("S13 a program at another address is warned of", async (t) => {
  const pair = await pageServer(t);
  const { secret, started } = await begin(pair);
  const row = await pair.running.broker.sessions.typedLogin(
    "oauth2",
    { address: "192.0.2.9", network: "192.0.2.9", browser: "b" },
    String(started.user_code),
  );
  assert.deepEqual(row?.elsewhere, ["127.0.0.1"]);
  assert.ok(secret);
});

test("no login by link alone: a filled-in code waits for the person, and decides nothing", async (t) => {
  const pair = await pageServer(t);
  const { started, get } = await begin(pair);
  const visitor = new Visitor(pair);
  const page = await visitor.open(`/device?user_code=${started.user_code}&decision=allow&token=x`);
  assert.equal(page.status, 200);
  assert.ok(page.html.includes(`value="${started.user_code}"`));
  assert.ok(!page.html.includes("Allow"));
  assert.equal((await get()).body.status, "pending");
});

test("B03 CSRF: no form works with another browser's token, without one, from another site, or twice", async (t) => {
  const pair = await pageServer(t);
  const code = String((await begin(pair)).started.user_code);
  const [mine, other] = [new Visitor(pair), new Visitor(pair)];
  const { token: foreign } = await other.open();
  await mine.open();
  for (const token of ["", foreign]) assert.equal((await mine.post("/device", { user_code: code, token })).status, 403);
  const { token: own } = await mine.open();
  const elsewhere = { "sec-fetch-site": "cross-site" };
  assert.equal((await mine.post("/device", { user_code: code, token: own }, elsewhere)).status, 403);
  const decide = async (who: Visitor, token: string, headers = {}) =>
    who.post("/device/decision", { user_code: code, token, decision: "allow" }, headers);
  const { token: theirs } = await other.type(code);
  const { token } = await mine.type(code);
  assert.notEqual(theirs, token);
  for (const wrong of ["", theirs, own, "x".repeat(43)]) assert.equal((await decide(mine, wrong)).status, 400);
  assert.equal((await decide(mine, token, elsewhere)).status, 403);
  const right = await Promise.all([decide(mine, token), decide(mine, token)]);
  assert.deepEqual(right.map(({ status }) => status).sort(), [200, 400], "a code is decided once");
  assert.equal((await mine.type(code)).status, 400);
});

test("S08 a link that was allowed in one browser brings nobody else's login to it", async (t) => {
  const pair = await pageServer(t);
  const { started, get } = await begin(pair);
  const attacker = new Visitor(pair);
  const link = await allow(attacker, String(started.user_code));
  const answer = `/v1/oauth2/callback?${new URLSearchParams({ code: "victims", state: link.searchParams.get("state") ?? "" })}`;
  const victim = new Visitor(pair);
  await victim.open();
  for (const who of [victim, new Visitor(pair)]) {
    const refused = await who.open(answer);
    assert.equal(refused.status, 400);
    assert.match(refused.html, /another browser/);
  }
  assert.equal(pair.as.to("/token").length, 0, "the victim's code was not redeemed");
  assert.equal((await get()).body.status, "pending");
});

test("S14 codes cannot be guessed: ten entries a minute and address, whatever the browser", async (t) => {
  const pair = await pageServer(t);
  const code = String((await begin(pair)).started.user_code);
  for (let i = 0; i < 10; i++) assert.equal((await new Visitor(pair).type("BBBB-BBBB")).status, 400);
  const limited = await new Visitor(pair).type(code);
  assert.equal(limited.status, 429);
  assert.ok(Number(limited.headers.get("retry-after")) > 0);
  assert.match(limited.html, /Too many codes/);
  const guess = { user_code: code, token: "x", decision: "allow" };
  for (let i = 0; i < 10; i++) await new Visitor(pair).post("/device/decision", guess);
  assert.equal((await new Visitor(pair).post("/device/decision", guess)).status, 429);
  await pair.pass(61_000);
  assert.equal((await new Visitor(pair).type(code)).status, 200, "nobody is locked out");
});

test("a code that was not typed in time, or whose session was cancelled, is known to nobody", async (t) => {
  const pair = await pageServer(t);
  const late = await begin(pair);
  const cancelled = await begin(pair);
  await ask(pair, "DELETE", "/session", { bearer: cancelled.secret });
  assert.equal((await new Visitor(pair).type(String(cancelled.started.user_code))).status, 400);
  await pair.pass(605_000);
  assert.equal((await new Visitor(pair).type(String(late.started.user_code))).status, 400);
  assert.equal((await late.get()).body.status, "expired");
});

test("a login that began in time cannot bring an expired session back", async (t) => {
  const pair = await pageServer(t);
  const { started, get } = await begin(pair);
  const visitor = new Visitor(pair);
  await pair.pass(590_000);
  const link = await allow(visitor, String(started.user_code));
  await pair.pass(15_000);
  const query = new URLSearchParams({ code: "c-1", state: link.searchParams.get("state") ?? "" });
  assert.equal((await visitor.open(`/v1/oauth2/callback?${query}`)).status, 400);
  assert.equal((await get()).body.status, "expired");
});

test("a refusal at the provider, and a code that is refused, end the login", async (t) => {
  const pair = await pageServer(t);
  const refused = await begin(pair);
  const visitor = new Visitor(pair);
  const link = await allow(visitor, String(refused.started.user_code));
  const denied = new URLSearchParams({ error: "access_denied", state: link.searchParams.get("state") ?? "" });
  await visitor.open(`/v1/oauth2/callback?${denied}`);
  assert.equal((await refused.get()).body.status, "denied");
  const failed = await begin(pair);
  const second = await allow(visitor, String(failed.started.user_code));
  pair.as.reply("/token", oauthError("invalid_grant"));
  const query = new URLSearchParams({ code: "c-1", state: second.searchParams.get("state") ?? "" });
  await visitor.open(`/v1/oauth2/callback?${query}`);
  const told = await failed.get();
  assert.equal(told.body.status, "failed");
  assert.equal(told.body.reason, "invalid_grant");
});

test("user codes are kept as keyed hashes, in no log; hostile input breaks no page", async (t) => {
  const pair = await pageServer(t);
  const code = String((await begin(pair)).started.user_code);
  const visitor = new Visitor(pair);
  await visitor.type(code);
  const files = ["coatcheck.db", "coatcheck.db-wal"].map((name) => readFileSync(join(pair.data, name), "latin1"));
  for (const text of [...files, ...pair.logged]) assert.ok(!text.includes(code));
  const evil = `"><script>alert(1)</script>${"x".repeat(5_000)}\u0000`;
  const shown = await visitor.open(`/device?user_code=${encodeURIComponent(evil)}`);
  assert.equal(shown.status, 200);
  assert.ok(!shown.html.includes("<script"));
  assert.ok(!shown.html.includes("x".repeat(65)));
  for (const method of ["PUT", "DELETE"])
    assert.equal((await ask(pair, method, "/device", OPERATOR).catch(() => ({ status: 405 }))).status, 405);
});

test("B04 over https the cookie is bound to host and TLS", async (t) => {
  const pair = await startSessions(t, {}, { publicUrl: "https://broker.example" });
  const page = await new Visitor(pair).open();
  const cookie = page.headers.get("set-cookie") ?? "";
  assert.match(cookie, /^__Host-coatcheck_browser=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; SameSite=Lax; Secure$/);
});
