import assert from "node:assert/strict";
import { test } from "node:test";
import { hostCheck } from "../../../src/compose/listen.ts";
import { startHomeserverPair, writeHomeserver } from "../../support/matrix/homeserver-pair.ts";
import type { Pair } from "../../support/misbehaving.ts";
import { ask, begin, OPERATOR, startSessions } from "../../support/sessions.ts";
import { converse } from "../start.ts";

const portOf = (pair: Pair) => Number(new URL(pair.running.address).port);

/** Of a POST whose answer may be a page. */
async function statusOf(
  pair: Pair,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<number> {
  const response = await fetch(`${pair.running.address}${path}`, {
    method: "POST",
    body: JSON.stringify(body),
    headers,
  });
  await response.text();
  return response.status;
}

/** A request whose body never comes. */
function withoutBody(method: string, path: string, more = ""): string {
  return `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: 9999\r\n${more}\r\n`;
}

test("ST-5 who has had enough is told so before a body is read, and whose session it is before one is passed on", async (t) => {
  const pair = await startSessions(t, { proxy_apis: { api: "https://api.example.com/" } });
  await pair.write("oauth2/config", { tune_session_starts_per_minute: 1, tune_user_code_entries_per_minute: 1 });
  await begin(pair);
  for (const path of ["/device", "/device/decision"]) await statusOf(pair, path, {});
  const port = portOf(pair);
  for (const path of ["/sessions", "/device", "/device/decision"]) {
    assert.match(await converse(port, [withoutBody("POST", path)]), /^HTTP\/1\.1 429 /, path);
  }
  for (const bearer of ["", "Authorization: Bearer ccs_nobody\r\n"]) {
    const answer = await converse(port, [withoutBody("POST", "/session/proxy/api/x", bearer)]);
    assert.match(answer, /^HTTP\/1\.1 401 /);
  }
  assert.match(await converse(port, [withoutBody("PUT", "/v1/oauth2/creds/a")]), /^HTTP\/1\.1 403 /);
});

test("ST-5 what anybody may send is 16 KiB at most; an operator's is 1 MiB", async (t) => {
  const pair = await startSessions(t);
  const { secret } = await begin(pair);
  const size = (bytes: number) => ({ server: "as", pad: "x".repeat(bytes) });
  const open = [
    "/sessions",
    "/session/rejected",
    "/device",
    "/device/decision",
    "/v1/oauth2/callback",
    "/v1/oauth2/callback/issuer",
  ];
  for (const path of open) {
    // A program's secret is no token, with which a login could be begun.
    const authorization = path === "/sessions" ? undefined : `Bearer ${secret}`;
    assert.equal(await statusOf(pair, path, size(16_384), { ...(authorization && { authorization }) }), 413, path);
  }
  assert.equal((await ask(pair, "POST", "/sessions", { body: size(16_000) })).status, 201);
  const write = await pair.write("oauth2/servers/big", { provider: "nobody", client_secret: "x".repeat(1_000_000) });
  assert.equal(write.status, 400);
  assert.match(String(write.body?.errors), /provider/);
});

test("ST-20 a token in other characters than ASCII is one that is wrong", async (t) => {
  const pair = await startSessions(t, { session_flow: "page" });
  const code = String((await begin(pair)).started.user_code);
  const page = await fetch(`${pair.running.address}/device`);
  const cookie = page.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  const own = /name="token" value="([^"]*)"/.exec(await page.text())?.[1] ?? "";
  const post = async (path: string, form: Record<string, string>) => {
    const response = await fetch(`${pair.running.address}${path}`, {
      method: "POST",
      headers: { cookie },
      body: new URLSearchParams(form),
    });
    return { status: response.status, html: await response.text() };
  };
  const token =
    /name="token" value="([^"]*)"/.exec((await post("/device", { user_code: code, token: own })).html)?.[1] ?? "";
  // As many characters as the right one, and more bytes.
  for (const wrong of [`é${token.slice(1)}`, `${token.slice(0, -1)}\u{10ffff}`.slice(0, token.length), "é", ""]) {
    const decided = await post("/device/decision", { user_code: code, token: wrong, decision: "allow" });
    assert.equal(decided.status, 400, wrong);
  }
  assert.equal((await post("/device", { user_code: code, token: `é${own.slice(1)}` })).status, 403);
  assert.equal((await ask(pair, "GET", "/sessions", { bearer: "\u00e9".repeat(31) })).status, 403);
});

type Headers = Readonly<Record<string, string>>;

/** `POST /sessions` as it is sent by somebody at an address behind a trusted proxy, or by a browser. */
async function start(pair: Pair, headers: Headers, more: Record<string, unknown> = {}) {
  const response = await fetch(`${pair.running.address}/sessions`, {
    method: "POST",
    headers,
    body: JSON.stringify({ server: "as", ...more }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const from = (address: string): Headers => ({ "x-forwarded-for": address });

test("ST-3 pages of other sites start no login, unless their origin is allowed; programs that are no browsers do", async (t) => {
  const friend = "https://friend.example";
  const pair = await startSessions(t, {}, { allowedOrigins: new Set([friend]) });
  await pair.write("oauth2/config", { tune_session_starts_per_minute: 0 });
  const own = new URL(pair.running.address).origin;
  const json = { "content-type": "application/json" };
  const foreign: Headers[] = [
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
    { "sec-fetch-site": "cross-site", origin: own },
    { origin: "https://evil.example" },
    { origin: "null" },
  ];
  for (const headers of foreign) {
    assert.equal((await start(pair, { ...json, ...headers })).status, 403, JSON.stringify(headers));
  }
  const allowed: Headers[] = [
    {},
    { "sec-fetch-site": "same-origin", origin: own },
    { origin: own },
    { origin: "http://127.0.0.1:8200" },
    { "sec-fetch-site": "cross-site", origin: friend },
    { "sec-fetch-site": "cross-site", authorization: `Bearer ${OPERATOR.bearer}` },
  ];
  for (const headers of allowed) {
    assert.equal((await start(pair, { ...json, ...headers })).status, 201, JSON.stringify(headers));
  }
  assert.equal((await start(pair, { "content-type": "application/x-www-form-urlencoded" })).status, 201, "curl -d");
  for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]) {
    const { status, body } = await start(pair, { "content-type": type, origin: friend });
    assert.equal(status, 415, type);
    assert.equal(body.error, "invalid_request");
  }
});

test("ST-3 what pages of other sites send to /device is refused, and not counted as their visitor's", async (t) => {
  const pair = await startSessions(t, { session_flow: "page" });
  const post = async (path: string, site: string) => {
    const body = new URLSearchParams({ user_code: "BCDF-GHJK", token: "x", decision: "allow" });
    const headers = { "sec-fetch-site": site };
    return (await fetch(`${pair.running.address}${path}`, { method: "POST", headers, body })).status;
  };
  for (let times = 0; times < 40; times++) {
    for (const path of ["/device", "/device/decision"]) assert.equal(await post(path, "cross-site"), 403);
  }
  assert.equal(await post("/device", "same-origin"), 403, "no form of ours, and not 429");
});

test("ST-3 whoever joins a login is shown to the person who decides, and joins none that is decided", async (t) => {
  const pair = await startSessions(t, { session_flow: "page" }, { trustedProxies: "loopback" });
  const coalesce = "a-secret-that-somebody-else-knows-0";
  const victim = "192.0.2.1";
  const begun = await start(pair, from(victim), { coalesce });
  const code = String(begun.body.user_code);
  const cookie = `coatcheck_browser=${"b".repeat(43)}`;
  const post = async (path: string, form: Record<string, string>) => {
    const headers = { cookie, ...from(victim) };
    const body = new URLSearchParams(form);
    const response = await fetch(`${pair.running.address}${path}`, { method: "POST", headers, body });
    return { status: response.status, html: await response.text() };
  };
  const tokenIn = (html: string) => /name="token" value="([^"]*)"/.exec(html)?.[1] ?? "";
  const first = await fetch(`${pair.running.address}/device`, { headers: { cookie } });
  const form = tokenIn(await first.text());
  const alone = await post("/device", { user_code: code, token: form });
  assert.doesNotMatch(alone.html, /different address/);
  const joined = await start(pair, from("203.0.113.66"), { coalesce });
  assert.deepEqual([joined.body.joined, joined.body.id], [true, begun.body.id]);
  const stale = await post("/device/decision", { user_code: code, token: tokenIn(alone.html), decision: "allow" });
  assert.equal(stale.status, 400, "that page did not show the joiner");
  const shown = await post("/device", { user_code: code, token: form });
  assert.match(shown.html, /different address \(203\.0\.113\.66\)/);
  assert.match(shown.html, /192\.0\.2\.1, 203\.0\.113\.66/);
  const again = await start(pair, from("203.0.113.66"), { coalesce });
  assert.equal(again.body.id, begun.body.id);
  const decided = await post("/device/decision", { user_code: code, token: tokenIn(shown.html), decision: "allow" });
  assert.equal(decided.status, 200);
  const late = await start(pair, from("198.51.100.7"), { coalesce });
  assert.equal(late.status, 201);
  assert.notEqual(late.body.id, begun.body.id);
});

test("ST-4 strangers fill their own share of a server's pending logins, and nobody else's", async (t) => {
  const pair = await startSessions(t, {}, { trustedProxies: "loopback" });
  await pair.write("oauth2/config", { tune_session_pending_per_server: 2 });
  const operator = { authorization: `Bearer ${OPERATOR.bearer}` };
  assert.equal((await start(pair, from("192.0.2.1"))).status, 201);
  assert.equal((await start(pair, from("192.0.2.2"))).status, 201);
  assert.equal((await start(pair, from("192.0.2.3"))).body.error, "too_many_pending");
  assert.equal((await start(pair, operator)).status, 201);
  assert.equal((await start(pair, { ...operator, ...from("192.0.2.1") })).status, 201);
  assert.equal((await start(pair, operator)).body.error, "too_many_pending");
});

test("ST-4 strangers use up their own share of the registrations at a homeserver, a quarter each at most", async (t) => {
  const pair = await startHomeserverPair(t, { trustedProxies: "loopback" });
  await writeHomeserver(pair, pair.as, {}, { allow_sessions: true });
  const login = async (headers: Headers) => (await start(pair, headers, { server: "mx" })).status;
  for (const address of ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"]) {
    for (let i = 0; i < 5; i++) assert.equal(await login(from(address)), 201);
    assert.equal(await login(from(address)), 503, "it has had its part");
  }
  assert.equal(await login(from("2001:db8:0:100::1")), 503);
  assert.equal(await login({ authorization: `Bearer ${OPERATOR.bearer}` }), 201);
  assert.equal((await pair.login("operators")).status, 200);
});

test("ST-23 a broker on loopback is asked by its own names, the public one, and those that are named", async (t) => {
  const pair = await startSessions(
    t,
    {},
    { publicUrl: "https://coatcheck.example.com", allowedHosts: new Set(["box"]) },
  );
  const port = portOf(pair);
  const status = async (host: string) => {
    const answer = await converse(port, [`GET /v1/sys/health HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`]);
    return Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);
  };
  const own = ["127.0.0.1", `127.0.0.1:${port}`, "127.9.9.9", "[::1]:80", "localhost", "LOCALHOST.:1", "a.localhost"];
  for (const host of [...own, "coatcheck.example.com", "box:8200"]) assert.equal(await status(host), 200, host);
  const foreign = ["evil.example", "127.0.0.1.evil.example", "example.com", "192.0.2.1", "", "localhost:x", "[::2]"];
  for (const host of foreign) assert.equal(await status(host), 421, host);
});

test("ST-23 names count where somebody comes in at loopback, and nobody listens at all addresses", () => {
  const rows = [
    [[{ host: "127.0.0.1", port: 1 }], "127.0.0.1", false],
    [
      [
        { host: "127.0.0.1", port: 1 },
        { host: "192.0.2.1", port: 1 },
      ],
      "127.0.0.1",
      false,
    ],
    [
      [
        { host: "127.0.0.1", port: 1 },
        { host: "192.0.2.1", port: 1 },
      ],
      "192.0.2.1",
      true,
    ],
    [[{ path: "/a" }], undefined, false],
    [[{ fd: 3 }], "::ffff:127.0.0.1", false],
    [[{ fd: 3 }], "192.0.2.1", true],
    [[{ host: "0.0.0.0", port: 1 }], "127.0.0.1", true],
  ] as const;
  for (const [listen, at, taken] of rows) {
    const check = hostCheck({ listen, proxyProtocol: false });
    assert.equal(check?.("evil.example", at) ?? true, taken, `${JSON.stringify(listen)} at ${at}`);
  }
});

test("ST-24 what a trusted proxy says and nobody understands is nobody's address, and in the log", async (t) => {
  const pair = await startSessions(t, {}, { trustedProxies: "loopback" });
  const table = [
    ["192.0.2.1:5678", "192.0.2.1"],
    ["[2001:db8::1]:99", "2001:db8::1"],
    ["192.0.2.1, nonsense", "unknown"],
    ["192.0.2.1,", "unknown"],
  ] as const;
  for (const [forwarded, address] of table) {
    const { body } = await start(pair, from(forwarded));
    const { sessions } = (await ask(pair, "GET", "/sessions", OPERATOR)).body as {
      sessions: Record<string, unknown>[];
    };
    assert.equal(sessions.find(({ id }) => id === body.id)?.address, address, forwarded);
  }
  const told = pair.logged.filter((line) => line.includes("forwarded_for_unreadable"));
  assert.equal(told.length, 1, "once a minute is enough");
  assert.match(told.join(), /"proxy":"127\.0\.0\.1"/);
});

test("ST-25 wrong tokens are slowed per address, with the address in the log, and lock nobody out", async (t) => {
  const pair = await startSessions(t, {}, { trustedProxies: "loopback" });
  const read = async (token: string, address: string, path = "/v1/oauth2/creds/me") => {
    const headers = { "x-vault-token": token, "x-forwarded-for": address };
    const response = await fetch(`${pair.running.address}${path}`, { headers });
    await response.text();
    return response;
  };
  for (let i = 0; i < 20; i++) assert.equal((await read(`hvs.guess-${i}`, "192.0.2.1")).status, 403);
  const limited = await read("hvs.guess-20", "192.0.2.1");
  assert.equal(limited.status, 429);
  assert.ok(Number(limited.headers.get("retry-after")) >= 1);
  for (const path of ["/sessions", "/v1/no/where", "/v1/sys/keys"]) {
    assert.equal((await read("hvs.guess-21", "192.0.2.1", path)).status, 429, path);
  }
  assert.equal((await read(OPERATOR.bearer, "192.0.2.1")).status, 404, "who has the token is not locked out");
  assert.equal((await read("hvs.guess-22", "192.0.2.2")).status, 403);
  assert.equal((await read("", "192.0.2.1")).status, 403, "no token is no guess");
  const told = pair.logged.filter((line) => line.includes('"wrong_token"') && line.includes('"address":"192.0.2.1"'));
  assert.equal(told.length, 20);
  assert.ok(!pair.logged.join("").includes("hvs.guess"));
  await pair.pass(61_000);
  assert.equal((await read("hvs.guess-23", "192.0.2.1")).status, 403);
});
