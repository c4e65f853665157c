import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:https";
import { type TestContext, test } from "node:test";
import { proxiesOf } from "../../../src/process/proxies.ts";
import { TEST_CERTIFICATE, TEST_KEY } from "../../outbound/certificate.ts";
import { startConnectProxy } from "../../servers/connect-proxy.ts";
import { empty, json } from "../../servers/faults.ts";
import { portOf } from "../../servers/free-port.ts";
import type { Misbehaving } from "../../servers/misbehaving.ts";
import { startServer } from "../../servers/watched.ts";
import {
  approve,
  beHomeserver,
  type HomeserverPair,
  metadataOf,
  STABLE,
  startHomeserverPair,
  WHOAMI,
  writeHomeserver,
} from "../../support/matrix/homeserver-pair.ts";

const GONE = [
  ["404 of the API", json(404, { errcode: "M_UNRECOGNIZED", error: "Unrecognized request" })],
  ["405", empty(405)],
  ["a 404 page", empty(404)],
] as const;

/** The issuer's own document: without the slash that the homeserver's copy has. */
const DOCUMENT = "/.well-known/openid-configuration";

function move(pair: HomeserverPair, to: Misbehaving, path: string): void {
  const moved = { ...metadataOf(pair.as), token_endpoint: to.issuer + path };
  pair.as.reply(DOCUMENT, json(200, moved));
}

async function loggedIn(t: TestContext, options: Record<string, unknown> = {}): Promise<HomeserverPair> {
  const pair = await startHomeserverPair(t);
  if (options.homeservers) await writeHomeserver(pair, pair.as, options);
  await pair.login("bot", options.homeservers ? { homeserver: pair.as.issuer } : {});
  await approve(pair);
  return pair;
}

/** Past the end of its token: the next refresh cannot be put off. */
const LATER = 3_700_000;

for (const [what, fault] of GONE) {
  test(`MX-D12 ${what} at a pinned endpoint: the issuer's own document is compared, and its new path on the same host used`, async (t) => {
    const pair = await loggedIn(t);
    pair.as.reply("/token", fault);
    const before = (await pair.read("oauth2/creds/bot")).body?.data?.access_token;
    move(pair, pair.as, "/tenant/token");
    pair.as.reply("/tenant/token", json(200, { access_token: "new", token_type: "Bearer", expires_in: 3600 }));
    await pair.pass(LATER);
    const after = (await pair.read("oauth2/creds/bot")).body?.data?.access_token;
    assert.deepEqual([before === "new", after], [false, "new"]);
  });
}

test("MX-D12 an endpoint that is away and has not moved is waited for", async (t) => {
  const pair = await loggedIn(t);
  pair.as.reply("/token", empty(404));
  pair.as.reply(DOCUMENT, json(200, metadataOf(pair.as)));
  await pair.pass(LATER);
  assert.equal((await pair.read("oauth2/creds/bot")).status, 503);
  assert.equal(pair.as.to(DOCUMENT).length, 1, "the document is remembered like any other");
  pair.as.behave("/token");
  await pair.pass(900_000);
  assert.equal((await pair.read("oauth2/creds/bot")).status, 200);
});

test("MX-D12 META-08 another host gets no secret before the operator agrees", async (t) => {
  const pair = await loggedIn(t);
  const other = await startServer(t, () => pair.clock.now());
  pair.as.reply("/token", empty(404));
  move(pair, other, "/token");
  await pair.pass(LATER);
  const told = await pair.read("oauth2/creds/bot");
  assert.match(
    String(told.body?.errors?.[0]),
    /endpoints have moved to http:\S+: to accept this, write the server record again/,
  );
  assert.equal(other.requests.length, 0);
  pair.as.reply(STABLE, json(200, { ...metadataOf(pair.as), token_endpoint: `${other.issuer}/token` }));
  other.reply("/token", json(200, { access_token: "new", token_type: "Bearer", expires_in: 3600 }));
  await writeHomeserver(pair, pair.as);
  await pair.pass(60_000);
  assert.equal((await pair.read("oauth2/creds/bot")).body?.data?.access_token, "new");
});

test("MX-D12 META-08 of an open server the person agrees, by a new login", async (t) => {
  const pair = await loggedIn(t, { homeservers: "*" });
  const other = await startServer(t, () => pair.clock.now());
  pair.as.reply("/token", empty(404));
  move(pair, other, "/token");
  await pair.pass(LATER);
  const told = await pair.read("oauth2/creds/bot");
  assert.match(String(told.body?.errors?.[0]), /to accept this, sign in again$/);
  assert.equal(other.requests.length, 0);
});

test("MX-D12 a poll finds the moved endpoint as well", async (t) => {
  const pair = await startHomeserverPair(t);
  await pair.login();
  pair.as.reply("/token", empty(404));
  move(pair, pair.as, "/tenant/token");
  pair.as.reply("/tenant/token", json(400, { error: "access_denied" }));
  await pair.pass(30_000);
  assert.match(String((await pair.read("oauth2/creds/bot")).body?.errors?.[0]), /access_denied/);
});

test("MX-D12 a new login is not sent to where an old copy says that clients register", async (t) => {
  const pair = await startHomeserverPair(t);
  pair.as.reply("/register", empty(404));
  assert.equal((await pair.login()).status, 502, "no other place is known");
  const now = { ...metadataOf(pair.as), registration_endpoint: `${pair.as.issuer}/new/register` };
  pair.as.reply(DOCUMENT, json(200, { ...now, device_authorization_endpoint: `${pair.as.issuer}/new/device` }));
  pair.as.reply("/new/register", json(201, { client_id: "mx" }));
  const code = { device_code: "d", user_code: "USER", verification_uri: `${pair.as.issuer}/link`, expires_in: 600 };
  pair.as.reply("/new/device", json(200, code));
  const login = await pair.login();
  assert.equal(login.status, 200, JSON.stringify(login.body));
  assert.equal(pair.as.to("/new/device")[0]?.form.get("client_id"), "mx");
});

test("MX-D12 META-08 nor to another host, while the operator has not agreed", async (t) => {
  const pair = await startHomeserverPair(t);
  const other = await startServer(t, () => pair.clock.now());
  pair.as.reply("/register", empty(405));
  pair.as.reply(DOCUMENT, json(200, { ...metadataOf(other), issuer: `${pair.as.issuer}/` }));
  const login = await pair.login();
  assert.match(
    String(login.body?.errors?.[0]),
    /the token endpoint moved from \S+ to \S+; to accept this, write the server record again/,
  );
  assert.equal(other.requests.length, 0);
});

test("ST-1 META-08 a homeserver whose metadata move its other endpoints gets no secret and no person there", async (t) => {
  for (const [endpoint, more] of [
    ["registration_endpoint", { initial_access_token: "let-me-in" }],
    ["device_authorization_endpoint", { client_id: "own", client_secret: "s-of-the-client" }],
  ] as const) {
    const pair = await startHomeserverPair(t);
    const other = await startServer(t, () => pair.clock.now());
    await writeHomeserver(pair, pair.as, {}, more);
    pair.as.reply(STABLE, json(200, { ...metadataOf(pair.as), [endpoint]: `${other.issuer}/there` }));
    await pair.pass(3_700_000);
    const login = await pair.login();
    assert.equal(login.status, 400, endpoint);
    const noun = endpoint.replaceAll("_", " ");
    assert.match(String(login.body?.errors), new RegExp(`the ${noun} moved from \\S+ to \\S+; to accept this, write`));
    assert.equal(other.requests.length, 0);
    await writeHomeserver(pair, pair.as, {}, more);
    await pair.login();
    assert.equal(other.to("/there").length, 1, "a person has agreed");
  }
});

test("ST-1 META-08 a homeserver's well-known that moves its API brings no access token there", async (t) => {
  let baseUrl = "";
  const site = createServer({ key: TEST_KEY, cert: TEST_CERTIFICATE }, (_request, response) => {
    response
      .setHeader("Content-Type", "application/json")
      .end(JSON.stringify({ "m.homeserver": { base_url: baseUrl } }));
  });
  await once(site.listen(0, "127.0.0.1"), "listening");
  t.after(() => site.close().closeAllConnections());
  const port = portOf(site);
  const proxy = await startConnectProxy(t, () => ({ port }));
  const proxyFor = proxiesOf({ HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` });
  const egress = { proxyResolves: true, ca: TEST_CERTIFICATE, ...(proxyFor && { proxyFor }) };
  const pair = await startHomeserverPair(t, { egress });
  const named = { homeserver: "as.example.com" };
  baseUrl = pair.as.issuer;
  await writeHomeserver(pair, pair.as, named);
  await pair.login();
  assert.equal((await approve(pair)).status, 200);
  const other = await startServer(t, () => pair.clock.now());
  beHomeserver(other);
  other.reply(STABLE, json(200, metadataOf(pair.as)));
  other.reply(WHOAMI, (exchange) => json(200, { user_id: "@alice:example.org", device_id: pair.deviceId() })(exchange));
  baseUrl = other.issuer;
  await pair.pass(3_700_000);
  const login = await pair.login("second");
  assert.equal(login.status, 400);
  assert.match(String(login.body?.errors), /the API moved from \S+ to \S+; to accept this, write the server record/);
  assert.equal((await pair.read("oauth2/creds/bot")).status, 200);
  assert.deepEqual(other.to(WHOAMI), []);
  await writeHomeserver(pair, pair.as, named);
  await pair.login("second");
  assert.equal((await approve(pair, "second")).status, 200, "an operator has agreed");
  assert.equal(other.to(WHOAMI).length, 1);
});

for (const [what, fault] of [
  ["an empty body", empty(429)],
  ["the API's own error", json(429, { errcode: "M_LIMIT_EXCEEDED", retry_after_ms: 2_000 })],
] as const) {
  test(`section 8: 429 with ${what} slows down for good, as slow_down does`, async (t) => {
    const pair = await startHomeserverPair(t);
    await pair.login();
    pair.as.reply("/token", fault);
    await pair.passUntil("two polls", () => pair.as.to("/token").length === 2, 60_000);
    pair.as.behave("/token");
    await pair.pass(120_000);
    const at = pair.as.to("/token").map((request) => request.at);
    const gaps = at.slice(1).map((time, index) => Math.round((time - (at[index] ?? 0)) / 1000));
    assert.deepEqual(gaps.slice(0, 4), [10, 15, 15, 15]);
  });
}

test("section 8: Retry-After of a 429 is kept", async (t) => {
  const pair = await startHomeserverPair(t);
  await pair.login();
  pair.as.reply("/token", json(429, { errcode: "M_LIMIT_EXCEEDED", retry_after_ms: 40_000 }));
  await pair.passUntil("two polls", () => pair.as.to("/token").length === 2, 120_000);
  const [first, second] = pair.as.to("/token").map((request) => request.at);
  const gap = (second ?? 0) - (first ?? 0);
  assert.ok(gap >= 40_000 && gap < 46_000, String(gap));
});
