import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { empty, hang, oauthError } from "../../servers/faults.ts";
import { startCoatcheck } from "../../support/coatcheck.ts";
import { eventually } from "../../support/eventually.ts";
import { startPair } from "../../support/misbehaving.ts";
import { ask, begin, beginActive, OPERATOR, startSessions } from "../../support/sessions.ts";
import { dataFolder } from "../../support/temporary-folder.ts";
import { turns } from "../../support/turns.ts";

test("a program begins a login without any credential, waits, and gets tokens until it ends the session", async (t) => {
  const pair = await startSessions(t);
  const { secret, started, get } = await begin(pair, { scopes: "read, write", label: "deploy-bot" });
  assert.match(secret, /^ccs_[A-Za-z0-9_-]{43}$/);
  assert.equal(started.status, "pending");
  assert.deepEqual(started.scopes, ["read", "write"]);
  assert.equal(started.user_code, "USER-1");
  assert.equal(started.expires_in, 600);
  assert.equal(started.interval, 5);
  const early = await get("/token");
  assert.equal(early.status, 503);
  assert.equal(early.body.error, "authorization_pending");
  assert.equal(early.headers.get("retry-after"), "5");
  assert.equal(early.body.user_code, "USER-1");
  const resumed = await get();
  assert.equal(resumed.body.user_code, "USER-1", "the same code is shown again");
  assert.equal(resumed.body.session_id, undefined, "the secret is shown once");
  pair.as.tokens.approved = true;
  await pair.pass(6_000);
  const active = await get();
  assert.equal(active.body.status, "active");
  assert.deepEqual(active.body.granted_scopes, ["read", "write"]);
  assert.equal(active.body.label, "deploy-bot");
  assert.equal(active.body.refreshable, true);
  const token = await get("/token?min_valid=60");
  assert.equal(token.status, 200);
  assert.equal(token.headers.get("cache-control"), "no-store");
  const misspelt = "Endpoint ignored these unrecognized parameters: [min_vaild]";
  assert.deepEqual((await get("/token?min_vaild=60")).body.warnings, [misspelt], "FC-62");
  assert.equal(token.body.token_type, "Bearer");
  assert.match(String(token.body.access_token), /^access-token-/);
  assert.ok(!JSON.stringify(token.body).includes("refresh-token"), "the refresh token is never handed out");
  const refresh = [...new Set(pair.as.requests.map(({ form }) => form.get("token")))];
  assert.deepEqual(refresh, [null]);
  const ended = await ask(pair, "DELETE", "/session", { bearer: secret });
  assert.equal(ended.status, 204);
  assert.equal(pair.as.to("/revoke").length, 1);
  const gone = await get("/token");
  assert.equal(gone.status, 401);
  assert.equal(gone.body.error, "invalid_session");
  assert.match(gone.headers.get("www-authenticate") ?? "", /^Bearer /);
});

test("FC-52 without allow_sessions a start needs a token, and tells strangers nothing of servers", async (t) => {
  const pair = await startPair(t);
  const start = (server: string, bearer?: string) =>
    ask(pair, "POST", "/sessions", { body: { server }, ...(bearer !== undefined && { bearer }) });
  const refused = await start("as");
  assert.equal(refused.status, 403);
  assert.equal(refused.body.error, "permission_denied");
  const unknown = await start("nobody");
  assert.deepEqual(unknown.body, refused.body);
  assert.equal((await start("as", "hvs.wrong-token")).status, 403);
  assert.equal((await start("as", OPERATOR.bearer)).status, 201);
  const missing = await start("nobody", OPERATOR.bearer);
  assert.equal(missing.status, 400);
  assert.equal(missing.body.error, "server_missing");
  const server = await pair.read("oauth2/servers/as");
  assert.equal(server.body?.data?.allow_sessions, false);
  const words = async (name: string, bearer?: string) => (await start(name, bearer)).body.error_description;
  const text = "this server does not exist, or starting a session with it requires an operator's token";
  assert.equal(await words("as"), `${text}; no server is open to everybody (its operator sets allow_sessions)`);
  const open = { provider: "custom", client_id: "x", allow_sessions: true };
  const provider_options = { token_url: `${pair.as.issuer}/token`, auth_code_url: `${pair.as.issuer}/a` };
  assert.equal((await pair.write("oauth2/servers/demo", { ...open, provider_options })).status, 204);
  assert.equal(await words("as"), `${text}; open to everybody: demo`);
  assert.equal(await words("dmeo"), `${text} (did you mean demo?); open to everybody: demo`);
  assert.equal(
    await words("dmeo", OPERATOR.bearer),
    'server "dmeo" does not exist (did you mean demo?); servers: as, demo',
  );
  assert.equal(await words(""), "missing server; open to everybody: demo");
  assert.deepEqual((await start("")).body.servers, ["demo"]);
  assert.deepEqual((await start("", OPERATOR.bearer)).body.servers, ["as", "demo"]);
});

test("denied, expired and failed logins say so, with the reason", async (t) => {
  const pair = await startSessions(t);
  const denied = await begin(pair);
  pair.as.reply("/token", oauthError("access_denied"));
  await pair.pass(6_000);
  pair.as.behave();
  const told = await denied.get();
  assert.equal(told.body.status, "denied");
  assert.equal(told.body.reason, "access_denied");
  assert.equal(told.body.provider_error, "access_denied");
  const token = await denied.get("/token");
  assert.equal(token.status, 400);
  assert.equal(token.body.error, "access_denied");
  const late = await begin(pair);
  await pair.pass(605_000);
  assert.equal((await late.get()).body.status, "expired");
  assert.equal((await late.get("/token")).body.error, "expired_token");
  const dead = await beginActive(pair);
  pair.as.reply("/token", oauthError("invalid_grant"));
  await pair.pass(3_700_000);
  assert.equal((await dead.get()).body.status, "failed");
  assert.equal((await dead.get("/token")).body.error, "invalid_grant");
});

test("a start that the provider refuses leaves nothing behind", async (t) => {
  const pair = await startSessions(t);
  pair.as.reply("/device", oauthError("invalid_scope"));
  const refused = await ask(pair, "POST", "/sessions", { body: { server: "as" } });
  assert.equal(refused.status, 400);
  assert.equal(refused.body.error, "invalid_scope");
  pair.as.reply("/device", empty(503));
  const later = await ask(pair, "POST", "/sessions", { body: { server: "as" } });
  assert.equal(later.status, 502);
  assert.equal(later.body.error, "temporarily_unavailable");
  assert.deepEqual((await ask(pair, "GET", "/sessions", OPERATOR)).body, { sessions: [] });
  assert.equal((await pair.read("oauth2/creds/?list=true")).status, 404);
});

test("bad input is refused with what to do, before anything is asked of the provider", async (t) => {
  const pair = await startSessions(t);
  const bodies = [
    { label: "x".repeat(101) },
    { label: "a\u202eb" },
    { flow: "device" },
    { coalesce: "short" },
    { server: "../x" },
    { scopes: [{}] },
  ];
  for (const body of bodies) {
    const { status, body: answer } = await ask(pair, "POST", "/sessions", { body: { server: "as", ...body } });
    assert.equal(status, 400, JSON.stringify(body));
    assert.equal(answer.error, "invalid_request");
    assert.ok(answer.error_description);
  }
  assert.equal(pair.as.to("/device").length, 0);
  assert.equal((await ask(pair, "PUT", "/session")).status, 405);
  assert.equal((await ask(pair, "GET", "/session/token?min_valid=x", { bearer: "x" })).body.error, "invalid_request");
});

test("what is no request is refused in the same form, and echoes nothing", async (t) => {
  const pair = await startSessions(t);
  const { secret } = await begin(pair);
  const send = async (path: string, body: string, type = "application/json") => {
    // ST-66: a session's secret is no token to begin a login with.
    const holder = path === "/sessions" ? {} : { authorization: `Bearer ${secret}` };
    const headers = { ...holder, "content-type": type };
    const response = await fetch(`${pair.running.address}${path}`, { method: "POST", headers, body });
    return { status: response.status, text: await response.text() };
  };
  const table = [
    ["/sessions", '{"server":"as","label":"hush', 400],
    ["/sessions", "[1]", 400],
    ["/sessions", '{"server":{"hush":1}}', 400],
    ["/sessions", `{"label":"${"hush".repeat(300_000)}"}`, 413],
    ["/session/rejected", '{"token_sha256":"hush"}', 400],
    ["/session/rejected", "", 400],
  ] as const;
  for (const [path, body, status] of table) {
    const answer = await send(path, body);
    assert.equal(answer.status, status, body.slice(0, 40));
    const { error, error_description } = JSON.parse(answer.text);
    assert.equal(error, "invalid_request");
    assert.equal(typeof error_description, "string");
    assert.ok(!answer.text.includes("hush"));
  }
  const form = await send("/sessions", "server=as&scopes=read+write", "application/x-www-form-urlencoded");
  assert.equal(form.status, 201, "a form is as good as JSON");
});

test("operators list sessions without their secrets, and end them by the public id", async (t) => {
  const pair = await startSessions(t);
  const program = await beginActive(pair, { label: "one" });
  await begin(pair, { label: "two" });
  assert.equal((await ask(pair, "GET", "/sessions")).status, 403);
  assert.equal((await ask(pair, "GET", "/sessions", { bearer: program.secret })).status, 403);
  const { sessions } = (await ask(pair, "GET", "/sessions", OPERATOR)).body as {
    sessions: Record<string, unknown>[];
  };
  assert.equal(sessions.length, 2);
  assert.ok(!JSON.stringify(sessions).includes("ccs_"));
  const one = sessions.find(({ label }) => label === "one");
  assert.equal(one?.id, program.started.id);
  assert.equal(one?.status, "active");
  assert.equal(one?.address, "127.0.0.1");
  const byPage = [];
  let after = "";
  for (;;) {
    const page = (await ask(pair, "GET", `/sessions?limit=1&after=${after}`, OPERATOR)).body as {
      sessions: Record<string, unknown>[];
      next?: string;
    };
    byPage.push(...page.sessions);
    if (page.next === undefined) break;
    after = page.next;
  }
  assert.equal(byPage.length, 2);
  assert.deepEqual((await ask(pair, "GET", "/sessions?server=other", OPERATOR)).body, { sessions: [] });
  const path = `/sessions/${one?.id}`;
  assert.equal((await ask(pair, "DELETE", path, { bearer: program.secret })).status, 403);
  assert.equal((await ask(pair, "DELETE", path, OPERATOR)).status, 204);
  assert.equal((await ask(pair, "DELETE", path, OPERATOR)).status, 404);
  assert.equal((await program.get()).status, 401);
  assert.equal(pair.as.to("/revoke").length, 1);
});

test("a session that another login replaced ends without revoking its grant", async (t) => {
  const pair = await startSessions(t);
  const { secret, get } = await beginActive(pair);
  assert.equal((await ask(pair, "DELETE", "/session?revoke=maybe", { bearer: secret })).status, 400);
  assert.equal((await ask(pair, "DELETE", "/session?revoke=false", { bearer: secret })).status, 204);
  assert.equal((await get("/token")).status, 401);
  await pair.pass(120_000);
  assert.equal(pair.as.to("/revoke").length, 0);
});

test("a session's credential is read, listed and deleted like any other, and written by nobody", async (t) => {
  const pair = await startSessions(t);
  const { started, get } = await beginActive(pair);
  const path = `oauth2/creds/session/${started.id}`;
  assert.equal((await pair.read(path)).status, 200);
  assert.equal((await pair.read(`${path}/history`)).status, 200);
  const listed = await pair.read("oauth2/creds/session/?list=true");
  assert.deepEqual(listed.body?.data?.keys, [started.id]);
  for (const name of ["session/mine", `session/${started.id}`]) {
    const written = await pair.write(`oauth2/creds/${name}`, { server: "as", refresh_token: pair.as.tokens.grant() });
    assert.equal(written.status, 400);
    const link = await pair.write("oauth2/auth-code-url", { server: "as", name });
    assert.equal(link.status, 400);
  }
  assert.equal((await pair.delete(path)).status, 204);
  assert.equal((await get()).status, 401);
});

/** What everybody may ask. */
const NO_TOKEN = ["oauth2/callback", "sys/health", "sys/init", "sys/leader", "sys/seal-status"].map(
  (path) => `/v1/${path}`,
);

/** What takes a token of its own kind where others have the caller's, and says of any other that it is none. */
const WRAPPING = ["lookup", "unwrap"].map((path) => `/v1/sys/wrapping/${path}`);

test("S23 a session opens its own credential and nothing else: no operator's route takes it, and no other session's name", async (t) => {
  const pair = await startSessions(t);
  const [one, other] = [await beginActive(pair), await beginActive(pair)];
  const { paths } = (await pair.read("sys/internal/specs/openapi")).body as unknown as {
    paths: Record<string, object>;
  };
  const open = new Set<string>();
  let asked = 0;
  for (const [path, methods] of Object.entries(paths)) {
    for (const method of Object.keys(methods)) {
      const name = `session/${other.started.id}`;
      const url = `${pair.running.address}${path.startsWith("/v1/") ? "" : "/v1"}${path.replace(/\{\w+\}/g, name)}`;
      const answer = await fetch(url, {
        method: method.toUpperCase(),
        headers: { "x-vault-token": one.secret },
        redirect: "manual",
      });
      await answer.body?.cancel();
      if (answer.status !== 403) open.add(path);
      asked += 1;
      // Wrong tokens have a limit of their own.
      if (asked % 15 === 0) await pair.pass(61_000);
    }
  }
  assert.ok(asked > 40);
  assert.deepEqual([...open].sort(), [...NO_TOKEN, ...WRAPPING].sort());
  assert.equal((await other.get("/token")).status, 200, "the other one is as it was");
});

test("a session ends when it is idle for too long, and in any case after its lifetime; both revoke", async (t) => {
  const pair = await startSessions(t);
  pair.as.tokens.accessLife = 86_400;
  await pair.write("oauth2/config", { tune_session_idle_seconds: 600, tune_session_lifetime_seconds: 3_000 });
  const used = await beginActive(pair);
  const idle = await beginActive(pair);
  for (let i = 0; i < 4; i++) {
    await pair.pass(500_000);
    assert.equal((await used.get("/token")).status, 200, `${i}`);
  }
  assert.equal(pair.as.to("/revoke").length, 1, "the idle one was ended by the queue, without being asked for");
  assert.equal((await idle.get()).status, 401);
  const { idle_expire_time, session_expire_time } = (await used.get()).body;
  assert.ok(String(idle_expire_time) < String(session_expire_time));
  for (let i = 0; i < 3; i++) {
    await pair.pass(400_000);
    await used.get("/token");
  }
  assert.equal((await used.get()).status, 401);
  await pair.passUntil("its revocation", () => pair.as.to("/revoke").length === 2, 60_000);
  assert.equal((await ask(pair, "GET", "/sessions", OPERATOR)).body.sessions?.toString(), "");
});

test("a shorter lifetime counts at once, for sessions that are there already too", async (t) => {
  const pair = await startSessions(t);
  pair.as.tokens.accessLife = 864_000;
  const { get } = await beginActive(pair);
  await pair.pass(7_200_000);
  await pair.write("oauth2/config", { tune_session_idle_seconds: 3_600 });
  await pair.passUntil("its revocation", () => pair.as.to("/revoke").length === 1, 60_000);
  assert.equal((await get()).status, 401);
});

test("FC-02 FC-04 a session's own limit caps its tokens; the end of its refresh token is told", async (t) => {
  const pair = await startSessions(t);
  pair.as.tokens.extra = { refresh_expires_in: 86_400 };
  const program = await beginActive(pair, { maximum_expiry_seconds: 600 });
  const { body } = await program.get("/token");
  assert.ok(Number(body.expires_in) > 500 && Number(body.expires_in) <= 600);
  const told = Date.parse(String((await program.get()).body.refresh_expire_time)) - pair.clock.now();
  assert.ok(told > 86_000_000 && told <= 86_400_000);
});

test("the last use is written down rarely", async (t) => {
  const pair = await startSessions(t);
  const { get } = await beginActive(pair);
  const times = new Set<unknown>();
  for (let i = 0; i < 20; i++) {
    await pair.pass(60_000);
    times.add((await get()).body.last_used_time);
  }
  assert.equal(times.size, 1);
  await pair.pass(3_600_000);
  await get();
  const noted = await eventually("a later use", async () => {
    const { last_used_time } = (await get()).body;
    return times.has(last_used_time) ? undefined : last_used_time;
  });
  assert.ok(noted);
});

test("starts are limited per address, and pending logins per address and server; a token lifts those of the address", async (t) => {
  const pair = await startSessions(t);
  await pair.write("oauth2/config", { tune_session_starts_per_minute: 3, tune_session_pending_per_server: 4 });
  const start = (bearer?: string) =>
    ask(pair, "POST", "/sessions", { body: { server: "as" }, ...(bearer !== undefined && { bearer }) });
  for (let i = 0; i < 3; i++) assert.equal((await start()).status, 201);
  const refused = await start();
  assert.equal(refused.status, 429);
  assert.equal(refused.body.error, "rate_limited");
  assert.ok(Number(refused.headers.get("retry-after")) >= 1);
  assert.equal((await start(OPERATOR.bearer)).status, 201);
  await pair.pass(61_000);
  assert.equal((await start()).status, 201);
  const full = await start();
  assert.equal(full.status, 429);
  assert.equal(full.body.error, "too_many_pending");
  assert.equal((await start(OPERATOR.bearer)).status, 201);
  await pair.pass(600_000);
  assert.equal((await start()).status, 201, "those that ran out are no longer counted");
});

test("pending logins of one address are capped, and a cancelled or finished one makes room", async (t) => {
  const pair = await startSessions(t);
  await pair.write("oauth2/config", { tune_session_starts_per_minute: 0, tune_session_pending_per_address: 2 });
  const start = () => ask(pair, "POST", "/sessions", { body: { server: "as" } });
  const first = await start();
  await start();
  assert.equal((await start()).body.error, "too_many_pending");
  await ask(pair, "DELETE", "/session", { bearer: String(first.body.session_id) });
  assert.equal((await start()).status, 201);
  pair.as.tokens.approved = true;
  await pair.pass(6_000);
  assert.equal((await start()).status, 201);
});

test("ST-64 a second login of the same program joins the first; another secret, other scopes or tools do not", async (t) => {
  const pair = await startSessions(t);
  const coalesce = "a-secret-of-this-program-0123456789";
  const [one, two] = await Promise.all([
    begin(pair, { coalesce, scopes: ["read", "write"] }),
    begin(pair, { coalesce, scopes: ["write", "read"] }),
  ]);
  const three = await begin(pair, { coalesce, scopes: "read write" });
  assert.equal(new Set([one, two, three].map(({ secret }) => secret)).size, 3);
  assert.equal(new Set([one, two, three].map(({ started }) => started.id)).size, 1);
  assert.equal(three.started.joined, true);
  assert.equal(pair.as.to("/device").length, 1);
  await begin(pair, { coalesce, scopes: "read" });
  await begin(pair, { coalesce: `${coalesce}x`, scopes: "read write" });
  await begin(pair, { coalesce, scopes: "read write", label: "other" });
  await begin(pair, { coalesce, scopes: "read write", allow_tools: ["read*"] });
  assert.equal(pair.as.to("/device").length, 5);
  const page = await begin(pair, { coalesce, scopes: "read write", flow: "page" });
  assert.deepEqual([page.started.joined, page.started.flow], [undefined, "page"], "another way to sign in");
  pair.as.tokens.approved = true;
  await pair.pass(6_000);
  for (const { get } of [one, two, three]) assert.equal((await get("/token")).status, 200);
  const fresh = await begin(pair, { coalesce, scopes: "read write" });
  assert.equal(fresh.started.joined, undefined, "a finished login is joined by nobody");
  assert.equal((await ask(pair, "DELETE", "/session", { bearer: two.secret })).status, 204);
  for (const { get } of [one, two, three]) assert.equal((await get()).status, 401);
});

test("a long poll is answered by the change itself: no time passes until it is", async (t) => {
  const pair = await startSessions(t);
  const { get } = await begin(pair);
  const waiting = get("?wait=30");
  await eventually("the waiter", async () => (await waitingCount(pair)) === 1);
  pair.as.tokens.approved = true;
  await pair.pass(6_000);
  assert.equal((await waiting).body.status, "active");
});

test("a long poll ends when its time has passed, its session is ended, or its client leaves", async (t) => {
  const pair = await startSessions(t);
  const { get, secret } = await begin(pair);
  const timed = get("?wait=20");
  await eventually("the waiter", async () => (await waitingCount(pair)) === 1);
  await pair.pass(21_000);
  assert.equal((await timed).body.status, "pending");
  const leaver = new AbortController();
  const left = ask(pair, "GET", "/session?wait=60", { bearer: secret, signal: leaver.signal }).catch(() => "left");
  const ended = get("?wait=60");
  await eventually("both waiters", async () => (await waitingCount(pair)) === 2);
  leaver.abort();
  assert.equal(await left, "left");
  await eventually("its place is free", async () => (await waitingCount(pair)) === 1);
  await ask(pair, "DELETE", "/session", { bearer: secret });
  assert.equal((await ended).status, 401);
  assert.equal(await waitingCount(pair), 0);
});

test("a broker that stops answers who waits, instead of cutting them off", async (t) => {
  const pair = await startSessions(t);
  const { get, secret } = await begin(pair);
  const stream = await fetch(`${pair.running.address}/session/events`, {
    headers: { authorization: `Bearer ${secret}` },
  });
  const waiting = get("?wait=60");
  await eventually("both waiters", async () => (await waitingCount(pair)) === 2);
  const stopped = pair.running.close();
  assert.equal((await waiting).body.status, "pending");
  assert.match(await stream.text(), /^event: session/);
  await stopped;
});

test("all waiters of a session are answered, and one session has few places", async (t) => {
  const pair = await startSessions(t);
  const { get } = await begin(pair);
  const waiting = Array.from({ length: 16 }, () => get("?wait=60"));
  await eventually("all waiters", async () => (await waitingCount(pair)) === 16);
  const full = await get("?wait=60");
  assert.equal(full.status, 429);
  assert.equal(full.body.error, "too_many_waiting");
  pair.as.tokens.approved = true;
  await pair.pass(6_000);
  for (const answer of await Promise.all(waiting)) assert.equal(answer.body.status, "active");
});

test("events are the same as server-sent events: at once, at each change, and an end", async (t) => {
  const pair = await startSessions(t);
  const { secret } = await begin(pair);
  const stream = await fetch(`${pair.running.address}/session/events`, {
    headers: { authorization: `Bearer ${secret}` },
  });
  assert.equal(stream.headers.get("content-type"), "text/event-stream");
  const events = eventsOf(stream);
  assert.equal((await events.next()).value?.data.status, "pending");
  pair.as.tokens.approved = true;
  await pair.pass(6_000);
  assert.equal((await events.next()).value?.data.status, "active");
  await ask(pair, "DELETE", "/session", { bearer: secret });
  assert.deepEqual((await events.next()).value, {
    event: "error",
    data: { error: "invalid_session", error_description: "the session is unknown or has ended: sign in again" },
  });
  assert.equal((await events.next()).done, true);
  const refused = await ask(pair, "GET", "/session/events", { bearer: secret });
  assert.equal(refused.status, 401);
});

async function* eventsOf(response: Response) {
  let text = "";
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString();
    for (let end = text.indexOf("\n\n"); end !== -1; end = text.indexOf("\n\n")) {
      const [, event = "", data = "null"] = /^event: (\w+)\ndata: (.*)$/m.exec(text.slice(0, end)) ?? [];
      text = text.slice(end + 2);
      if (event !== "") yield { event, data: JSON.parse(data) as Record<string, unknown> };
    }
  }
}

test("a token that an API refused is refreshed once, whoever says so how often", async (t) => {
  const pair = await startSessions(t);
  const { get, secret } = await beginActive(pair);
  const hash = async () =>
    createHash("sha256")
      .update(String((await get("/token")).body.access_token))
      .digest("hex");
  const first = await hash();
  const reject = (token_sha256: string) =>
    ask(pair, "POST", "/session/rejected", { bearer: secret, body: { token_sha256 } });
  const refreshes = () => pair.as.to("/token").filter(({ form }) => form.get("grant_type") === "refresh_token").length;
  const answers = await Promise.all([reject(first), reject(first), reject(first.toUpperCase())]);
  for (const answer of answers) assert.deepEqual(answer.body, { refreshed: true });
  assert.equal(refreshes(), 1);
  assert.notEqual(await hash(), first);
  assert.deepEqual((await reject(first)).body, { refreshed: true });
  assert.equal(refreshes(), 1);
  assert.equal((await reject("f".repeat(63))).status, 400);
  for (let i = 0; i < 5; i++) await reject(await hash());
  const worn = await reject(await hash());
  assert.equal(worn.status, 429, "nobody wears a grant out");
  assert.equal(worn.body.error, "rate_limited");
});

test("S09 S10 S12 S28 ids are kept as hashes only, in no log and no URL; unknown ones get one answer", async (t) => {
  const pair = await startSessions(t);
  const { secret, get } = await beginActive(pair, { coalesce: "a-secret-of-this-program-0123456789" });
  await get("?wait=1");
  await get("/token");
  await pair.delete("oauth2/creds/none");
  const files = ["coatcheck.db", "coatcheck.db-wal"].map((name) => readFileSync(join(pair.data, name), "latin1"));
  for (const text of [...files, ...pair.logged]) {
    assert.ok(!text.includes(secret) && !text.includes(secret.slice(4)));
    assert.ok(!text.includes("a-secret-of-this-program"));
  }
  const answers = await Promise.all(
    ["", "x", `ccs_${"A".repeat(43)}`, `${secret}x`, secret.slice(0, -1), OPERATOR.bearer, "é"].map((bearer) =>
      ask(pair, "GET", "/session", { bearer: encodeURIComponent(bearer) }),
    ),
  );
  for (const { status, body } of answers) {
    assert.equal(status, 401);
    assert.deepEqual(body, answers[0]?.body);
  }
  const inUrl = await ask(pair, "GET", `/session?session_id=${secret}&access_token=${secret}`);
  assert.equal(inUrl.status, 401, "a session id is a bearer, never part of a URL");
});

test("S28 a session that was ended is refused at once, also after a restart", async (t) => {
  const pair = await startSessions(t);
  const { secret } = await beginActive(pair);
  const kept = await beginActive(pair);
  await ask(pair, "DELETE", "/session", { bearer: secret });
  assert.equal((await ask(pair, "GET", "/session", { bearer: secret })).status, 401);
  const again = await pair.restart();
  assert.equal((await ask(again, "GET", "/session", { bearer: secret })).status, 401);
  assert.equal((await ask(again, "GET", "/session/token", { bearer: kept.secret })).status, 200);
});

test("a start under way is no session yet, and one that failed leaves nothing", async (t) => {
  const pair = await startSessions(t);
  pair.as.reply("/device", hang);
  void ask(pair, "POST", "/sessions", { body: { server: "as" } }).catch(() => {});
  await eventually("the request", async () => pair.as.to("/device").length === 1);
  await turns();
  assert.deepEqual((await ask(pair, "GET", "/sessions", OPERATOR)).body, { sessions: [] });
  await pair.pass(31_000);
  await eventually("no row is left", async () => rowsOf(pair.data) === 0);
});

test("a start whose process was killed is no session to anybody, and is gone when it could not have been finished", async (t) => {
  const pair = await startSessions(t);
  pair.as.reply("/device", hang);
  void ask(pair, "POST", "/sessions", { body: { server: "as" } }).catch(() => {});
  await eventually("the request", async () => pair.as.to("/device").length === 1);
  const data = dataFolder(t);
  cpSync(pair.data, data, { recursive: true });
  assert.equal(rowsOf(data), 1, "what a killed process leaves");
  const next = await startCoatcheck(t, { data, clock: pair.clock });
  assert.deepEqual((await ask(next, "GET", "/sessions", OPERATOR)).body, { sessions: [] });
  await next.pass(151_000);
  assert.equal(rowsOf(data), 0);
});

test("S28 a session whose time is over is refused by the read itself, should the queue be late", async (t) => {
  const pair = await startSessions(t);
  await pair.write("oauth2/config", { tune_session_idle_seconds: 600 });
  pair.as.tokens.accessLife = 86_400;
  const { get } = await beginActive(pair);
  const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
  const database = new DatabaseSync(join(pair.data, "coatcheck.db"));
  database.exec("UPDATE row SET due_at = NULL WHERE kind = 'session'");
  database.close();
  await pair.pass(590_000);
  await pair.pass(20_000);
  assert.equal((await get("/token")).status, 401);
  await pair.passUntil("the revocation", () => pair.as.to("/revoke").length === 1, 60_000);
});

function rowsOf(data: string): number {
  const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
  const database = new DatabaseSync(join(data, "coatcheck.db"), { readOnly: true });
  try {
    return Number(database.prepare("SELECT count(*) AS n FROM row WHERE kind = 'session'").get()?.n);
  } finally {
    database.close();
  }
}

test("operators see sessions and who waits", async (t) => {
  const pair = await startSessions(t);
  const { secret } = await begin(pair);
  await ask(pair, "DELETE", "/session", { bearer: secret });
  const text = await metricsOf(pair);
  assert.match(text, /coatcheck_sessions_total\{what="started"\} 1/);
  assert.match(text, /coatcheck_sessions_total\{what="ended"\} 1/);
});

async function metricsOf(pair: { readonly running: { readonly address: string } }): Promise<string> {
  const response = await fetch(`${pair.running.address}/v1/sys/metrics`, {
    headers: { authorization: `Bearer ${OPERATOR.bearer}` },
  });
  return response.text();
}

async function waitingCount(pair: { readonly running: { readonly address: string } }): Promise<number> {
  return Number(/coatcheck_under_way\{what="programs"\} (\d+)/.exec(await metricsOf(pair))?.[1]);
}

test("S18 T17 X-Forwarded-For counts from a trusted proxy only, and only its last words", async (t) => {
  const trusting = await startSessions(t, {}, { trustedProxies: "loopback, 10.0.0.0/8" });
  const plain = await startSessions(t);
  const table = [
    [plain, "192.0.2.1", "127.0.0.1"],
    [trusting, "192.0.2.1", "192.0.2.1"],
    [trusting, "198.51.100.9, 192.0.2.1", "192.0.2.1"],
    [trusting, "198.51.100.9, 192.0.2.1, 10.0.0.3", "192.0.2.1"],
    [trusting, "", "127.0.0.1"],
    [trusting, "2001:db8::1", "2001:db8::1"],
  ] as const;
  for (const [pair, forwarded, address] of table) {
    const response = await fetch(`${pair.running.address}/sessions`, {
      method: "POST",
      headers: { "x-forwarded-for": forwarded },
      body: JSON.stringify({ server: "as", label: forwarded }),
    });
    const { id } = (await response.json()) as { id: string };
    const { sessions } = (await ask(pair, "GET", "/sessions", OPERATOR)).body as {
      sessions: Record<string, unknown>[];
    };
    assert.equal(sessions.find((one) => one.id === id)?.address, address, forwarded);
  }
});
