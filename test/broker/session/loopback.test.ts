import assert from "node:assert/strict";
import { once } from "node:events";
import { get } from "node:http";
import { connect, createServer } from "node:net";
import { type TestContext, test } from "node:test";
import { codeChallenge } from "../../../src/protocol/pkce.ts";
import { empty, proper } from "../../servers/faults.ts";
import { startServer } from "../../servers/watched.ts";
import { eventually } from "../../support/eventually.ts";
import type { Pair } from "../../support/misbehaving.ts";
import { ask, begin, OPERATOR, type Program, startSessions } from "../../support/sessions.ts";

/** Any port that is free: several tests run at once. */
const FREE = "http://127.0.0.1:0/callback";

/** A person's own broker, and a server without a device grant. */
function ownBroker(t: TestContext, more: Record<string, unknown> = {}): Promise<Pair> {
  const { provider_options: options, ...rest } = more;
  const record = { provider_options: { device_code_url: "", ...(options as object) }, redirect_uri: FREE, ...rest };
  return startSessions(t, record, { loopback: true });
}

interface Login extends Program {
  readonly link: URL;
  readonly redirectUri: string;
  /** What the authorization server sends the browser to. */
  back(answer?: Record<string, string>): string;
  handIn(url: string): ReturnType<typeof ask>;
}

async function login(pair: Pair, more: Record<string, unknown> = {}): Promise<Login> {
  const program = await begin(pair, more);
  const link = new URL(String(program.started.verification_uri));
  const redirectUri = String(program.started.redirect_uri);
  const state = link.searchParams.get("state") ?? "";
  const usual = { code: `code-of-server-${state}`, state, iss: pair.as.issuer };
  return {
    ...program,
    link,
    redirectUri,
    back: (answer = {}) =>
      `${redirectUri}?${new URLSearchParams(Object.entries({ ...usual, ...answer }).filter(([, value]) => value !== ""))}`,
    handIn: (url) => ask(pair, "POST", "/session/callback", { bearer: program.secret, body: { url } }),
  };
}

/** A browser: it goes where it is sent, with its cookies. */
async function visit(url: string): Promise<{ status: number; at: string; text: string }> {
  const first = await fetch(url, { redirect: "manual" });
  const location = first.headers.get("location");
  if (location === null) return { status: first.status, at: url, text: await first.text() };
  const at = new URL(location, url).href;
  const cookie = (first.headers.get("set-cookie") ?? "").split(";", 1)[0] ?? "";
  const page = await fetch(at, { headers: { cookie } });
  return { status: page.status, at, text: await page.text() };
}

/** DNS rebinding: the request names another host. */
function statusNaming(host: string, url: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get(url, { headers: { host } }, (answer) => resolve(answer.resume().statusCode)).on("error", reject);
  });
}

function listens(uri: string, host = "127.0.0.1"): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(uri).port), host, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

test("MCP-L1 MCP-L3 a person's own broker signs in without a device grant: it listens, the browser comes back, the session is active", async (t) => {
  const pair = await ownBroker(t);
  const { started, link, redirectUri, back, get } = await login(pair, { scopes: "read" });
  const { flow, flow_reason, user_code, expires_in } = started;
  assert.deepEqual([flow, flow_reason, user_code, expires_in], ["code", "no_device_grant", "", 600]);
  assert.match(redirectUri, /^http:\/\/127\.0\.0\.1:[1-9]\d+\/callback$/);
  assert.equal(link.origin + link.pathname, `${pair.as.issuer}/authorize`);
  assert.equal(link.searchParams.get("redirect_uri"), redirectUri);
  assert.equal(link.searchParams.get("code_challenge_method"), "S256");
  assert.equal((await get()).body.verification_uri, link.href, "whoever resumes is shown the same address");
  assert.deepEqual([await listens(redirectUri), await listens(redirectUri, "::1")], [true, true]);
  const page = await visit(back());
  assert.equal(page.status, 200);
  assert.match(page.text, /You are signed in/);
  assert.equal(page.at, `${redirectUri}/done`, "BCP-11: away from the address with the code");
  const sent = pair.as.to("/token")[0]?.form;
  assert.equal(sent?.get("redirect_uri"), redirectUri);
  assert.equal(await codeChallenge(sent?.get("code_verifier") ?? ""), link.searchParams.get("code_challenge"));
  assert.equal((await get()).body.status, "active");
});

test("MCP-L1 the port answers the expected path and state alone, once; a browser that asks twice sees the same page", async (t) => {
  const pair = await ownBroker(t);
  const { redirectUri, back } = await login(pair);
  const { origin } = new URL(redirectUri);
  assert.equal((await fetch(`${origin}/`)).status, 404);
  assert.equal((await fetch(`${origin}/v1/sys/health`)).status, 404);
  assert.equal((await fetch(`${origin}/callback/more?code=c&state=s`)).status, 404);
  assert.equal((await visit(back({ state: "of-somebody-else" }))).status, 400);
  assert.equal(await statusNaming("rebound.example", back()), 421);
  assert.equal(pair.as.to("/token").length, 0);
  const [one, two] = await Promise.all([visit(back()), visit(back())]);
  assert.deepEqual([one.text, two.text, await visit(back())], [one.text, one.text, one]);
  assert.match(one.text, /You are signed in/);
  assert.equal((await visit(back({ code: "another" }))).status, 400, "the state is used up");
  assert.equal(pair.as.to("/token").length, 1);
});

test("MCP-L1 it listens only while a login waits: not after its end, an abort, its time; another login keeps it open", async (t) => {
  const pair = await ownBroker(t);
  assert.equal((await pair.write("oauth2/config", { tune_authorization_flow_seconds: 60 })).status, 204);
  const aborted = await login(pair);
  assert.equal((await ask(pair, "DELETE", "/session", { bearer: aborted.secret })).status, 204);
  await eventually("closed", async () => !(await listens(aborted.redirectUri)));
  const late = await login(pair);
  await eventually("nothing under way, though a login waits", () => pair.running.underWay() === 0);
  await pair.pass(61_000);
  await eventually("closed", async () => !(await listens(late.redirectUri)));
  const done = await login(pair);
  await configure(pair, { redirect_uri: done.redirectUri });
  const other = await login(pair);
  assert.equal(other.redirectUri, done.redirectUri, "two logins at one port");
  await visit(done.back());
  await pair.pass(31_000);
  assert.equal(await listens(done.redirectUri), true);
  assert.match((await visit(other.back())).text, /You are signed in/);
  assert.equal(await listens(other.redirectUri), true, "for whoever asks twice");
  await pair.pass(31_000);
  await eventually("closed", async () => !(await listens(other.redirectUri)));
});

async function configure(pair: Pair, more: Record<string, unknown>): Promise<void> {
  const { issuer } = pair.as;
  const options = { issuer, auth_code_url: `${issuer}/authorize`, token_url: `${issuer}/token` };
  const record = { provider: "custom", client_id: "client", provider_options: options, allow_sessions: true, ...more };
  assert.equal((await pair.write("oauth2/servers/as", record)).status, 204);
}

test("MCP-L1 a port that is taken is told before anybody is sent anywhere, and nothing is left behind", async (t) => {
  const other = await startServer(t);
  const pair = await ownBroker(t, { redirect_uri: `${other.issuer}/callback` });
  const refused = await ask(pair, "POST", "/sessions", { body: { server: "as" } });
  assert.equal(refused.status, 400);
  assert.match(String(refused.body.error_description), /^port \d+ of this machine, .* --redirect-uri$/);
  // The one that is used where none was registered; if it cannot be had, that is as good.
  const usual = createServer().listen(8214, "127.0.0.1");
  t.after(() => usual.close());
  await once(usual, "listening").catch(() => {});
  await configure(pair, { redirect_uri: "" });
  const unnamed = await ask(pair, "POST", "/sessions", { body: { server: "as" } });
  assert.match(String(unnamed.body.error_description), /^port 8214 of this machine/);
  assert.deepEqual((await ask(pair, "GET", "/sessions", OPERATOR)).body.sessions, []);
  // RFC 8252 7.3: GitHub takes any port of the machine.
  await pair.write("oauth2/servers/g", {
    provider: "github",
    client_id: "c",
    allow_sessions: true,
    session_flow: "page",
  });
  const moved = await ask(pair, "POST", "/sessions", { body: { server: "g" } });
  assert.match(String(moved.body.redirect_uri), /^http:\/\/127\.0\.0\.1:(?!8214)\d+\/callback$/);
});

test("MCP-L1 a login that waited when the broker ended can come back when it is there again", async (t) => {
  const pair = await ownBroker(t);
  const { redirectUri, back, secret } = await login(pair);
  const again = await pair.restart(async () => assert.equal(await listens(redirectUri), false));
  await eventually("open again", () => listens(redirectUri));
  assert.match((await visit(back())).text, /You are signed in/);
  const session = await ask(again, "GET", "/session", { bearer: secret });
  assert.equal(session.body.status, "active");
});

test("MCP-L1 the device grant goes first where the server has it, and whoever wants the other way gets it", async (t) => {
  const pair = await startSessions(t, { redirect_uri: FREE }, { loopback: true });
  const { started } = await begin(pair);
  assert.deepEqual([started.flow, started.redirect_uri, started.user_code], ["device", undefined, "USER-1"]);
  const web = await begin(pair, { flow: "page" });
  assert.deepEqual([web.started.flow, web.started.flow_reason], ["code", "program"]);
});

test("MCP-L1 a redirect URI names a place of this machine, or an https one that is listened at nowhere", async (t) => {
  const pair = await ownBroker(t, { redirect_uri: "https://app.example/back" });
  const { started, back, handIn } = await login(pair);
  assert.equal(started.redirect_uri, "https://app.example/back");
  assert.equal((await handIn(back())).body.status, "active");
  const wrong = [
    "http://example.com:8214/callback",
    "http://127.0.0.1/callback",
    "http://127.0.0.1:8214/callback?x=1",
    "http://127.0.0.1:8214/a b",
    "http://user@127.0.0.1:8214/",
    "app:/callback",
  ];
  for (const redirect_uri of wrong) {
    const { status, body } = await pair.write("oauth2/servers/x", { provider: "github", client_id: "c", redirect_uri });
    assert.deepEqual([status, /^redirect_uri m/.test(String(body?.errors?.[0]))], [400, true], redirect_uri);
  }
});

test("ST-50 a login whose redirect URI has no path leads the browser to no other host", async (t) => {
  for (const redirect_uri of ["http://127.0.0.1:0", "http://127.0.0.1:0/", "http://127.0.0.1:0/cb/"]) {
    const pair = await ownBroker(t, { redirect_uri });
    const { back, redirectUri, get } = await login(pair);
    const { at, text } = await visit(back());
    assert.equal(new URL(at).origin, new URL(redirectUri).origin);
    assert.match(text, /You are signed in/);
    assert.equal((await get()).body.status, "active");
  }
});

test("MCP-L2 the address that a browser could not open is handed in by its person, whole or with breaks", async (t) => {
  const pair = await ownBroker(t);
  const { back, handIn, get } = await login(pair);
  const { status, body } = await handIn(`  ${back().replace("state=", "sta\n te=")} \n`);
  assert.deepEqual([status, body.status], [200, "active"], JSON.stringify(body));
  assert.equal((await get()).body.status, "active");
  const twice = await handIn(back());
  assert.equal(twice.body.error_description, "this login does not wait for an address");
});

test("MCP-L2 what is no answer to this login is told so, names nothing of it, and the login waits on", async (t) => {
  const pair = await ownBroker(t);
  const { link, redirectUri, back, handIn, get } = await login(pair);
  const other = await login(pair);
  const wrong = [
    [link.href, /^this is the address to sign in at: open it, /],
    [redirectUri, /^the address has no answer in it/],
    ["https://example.com/?q=secret-words", /^the address has no answer in it/],
    [other.back(), /^the address is of another login/],
    [back({ state: "" }), /^the address is of another login/],
    [`${back()}&state=x`, /^the address is of another login/],
    ["x", /^this is no address/],
    ["", /^this is no address/],
  ] as const;
  for (const [url, text] of wrong) {
    const { status, body } = await handIn(url);
    assert.deepEqual([status, body.error], [400, "invalid_request"], url);
    assert.match(String(body.error_description), text);
    assert.ok(!/secret-words|code-of-server/.test(JSON.stringify(body)));
  }
  assert.equal(pair.as.to("/token").length, 0);
  assert.equal((await get()).body.status, "pending");
  assert.equal((await handIn(back())).body.status, "active");
  const device = await startSessions(t);
  const plain = await begin(device);
  const refused = await ask(device, "POST", "/session/callback", { bearer: plain.secret, body: { url: back() } });
  assert.equal(refused.body.error_description, "this login does not wait for an address");
});

test("MCP-L2 MCP-L6 a bare code is taken where no server says whose answers are, and nowhere else", async (t) => {
  const pair = await ownBroker(t);
  const free = await login(pair);
  assert.equal((await free.handIn("bare-code")).body.status, "active");
  assert.equal(pair.as.to("/token")[0]?.form.get("code"), "bare-code");
  pair.as.metadata.authorization_response_iss_parameter_supported = true;
  await promise(pair);
  const promised = await login(pair, { server: "promised" });
  const { status, body } = await promised.handIn("bare-code");
  assert.equal(status, 400);
  assert.match(String(body.error_description), /^this is a code without its address/);
  assert.equal((await promised.get()).body.status, "pending");
});

/** A server that promises `iss`, by its metadata. */
async function promise(pair: Pair): Promise<void> {
  const { issuer } = pair.as;
  const record = { provider: "oidc", client_id: "client", provider_options: { issuer_url: issuer } };
  const more = { allow_sessions: true, redirect_uri: FREE, session_flow: "page" };
  const written = await pair.write("oauth2/servers/promised", { ...record, ...more });
  assert.equal(written.status, 204, JSON.stringify(written.body));
}

test("MCP-L6 an answer that names another server, or none where one is promised, ends the login and nothing of it is shown", async (t) => {
  const pair = await ownBroker(t);
  pair.as.metadata.authorization_response_iss_parameter_supported = true;
  await promise(pair);
  const cases = [
    ["as", { iss: "https://evil.example" }, "issuer does not match"],
    ["as", { iss: "https://evil.example", code: "", error: "access_denied" }, "issuer does not match"],
    ["as", { iss: `${pair.as.issuer}/` }, "issuer does not match"],
    ["promised", { iss: "" }, "iss is missing"],
    ["promised", { iss: "", code: "", error: "server_error", error_description: "shown-never" }, "iss is missing"],
  ] as const;
  for (const [server, answer, text] of cases) {
    for (const way of ["browser", "by hand"]) {
      const { back, handIn, get } = await login(pair, { server });
      const shown =
        way === "browser" ? (await visit(back(answer))).text : JSON.stringify((await handIn(back(answer))).body);
      assert.match(shown, new RegExp(text));
      assert.doesNotMatch(shown, /evil\.example|code-of-server|shown-never|access_denied|server_error/);
      const { body } = await get();
      assert.deepEqual([body.status, body.reason], ["failed", "rejected"]);
    }
  }
  assert.equal(pair.as.to("/token").length, 0);
});

test("MCP-L1 a server that does not answer when the code is redeemed: the same way back works once more", async (t) => {
  const pair = await ownBroker(t);
  const { back, handIn, get } = await login(pair);
  pair.as.reply("/token", empty(503), proper());
  const first = await visit(back());
  assert.match(first.text, /cannot finish the login right now/);
  assert.equal((await get()).body.status, "pending");
  const { status, body } = await handIn(back());
  assert.deepEqual([status, body.status], [200, "active"], JSON.stringify(body));
});

test("MCP-L1 who registers a client registers the way back to this machine, as a native one", async (t) => {
  const pair = await ownBroker(t);
  const { issuer } = pair.as;
  const options = { issuer_url: issuer, registration: "dynamic" };
  const written = await pair.write("oauth2/servers/dyn", {
    provider: "oidc",
    provider_options: options,
    redirect_uri: "http://localhost:0/back",
  });
  assert.equal(written.status, 204, JSON.stringify(written.body));
  const { application_type, redirect_uris } = JSON.parse(pair.as.to("/register")[0]?.body ?? "{}");
  assert.deepEqual([application_type, redirect_uris], ["native", ["http://localhost/back"]]);
});
