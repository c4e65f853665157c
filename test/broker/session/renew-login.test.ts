import assert from "node:assert/strict";
import { test } from "node:test";
import { oauthError } from "../../servers/faults.ts";
import type { Pair } from "../../support/misbehaving.ts";
import { ask, begin, beginActive, OPERATOR, startSessions } from "../../support/sessions.ts";

const again = (pair: Pair, secret: string, scopes: readonly string[] = []) =>
  ask(pair, "POST", "/session/login", { bearer: secret, body: { scopes } });

const login = ({ body }: { body: Record<string, unknown> }) => body.login as Record<string, unknown> | undefined;

/** What device requests have asked for. */
const asked = (pair: Pair) => pair.as.to("/device").map(({ form }) => form.get("scope"));

test("MCP-T3 a session signs in again for more scopes; what it has stays in use until that is approved", async (t) => {
  const pair = await startSessions(t);
  const program = await beginActive(pair, { scopes: "read" });
  const before = (await program.get("/token")).body.access_token;
  const begun = await again(pair, program.secret, ["write"]);
  assert.equal(begun.status, 200, JSON.stringify(begun.body));
  assert.equal(begun.body.status, "active");
  assert.deepEqual(login(begun)?.scopes, ["read", "write"]);
  assert.match(String(login(begun)?.user_code), /^USER-(?!1$)/);
  assert.deepEqual(asked(pair), ["read", "read write"]);
  await pair.pass(6_000);
  assert.equal((await program.get("/token")).body.access_token, before);
  pair.as.tokens.approved = true;
  const waiting = program.get("?wait=30");
  await pair.pass(6_000);
  const { body } = await waiting;
  assert.equal(body.login, undefined);
  assert.deepEqual(body.scopes, ["read", "write"]);
  assert.deepEqual(body.granted_scopes, ["read", "write"]);
  const after = (await program.get("/token")).body.access_token;
  assert.notEqual(after, before);
  assert.equal(pair.as.to("/revoke").length, 0, "some providers would end the new login with the old one");
  await pair.pass(3_600_000);
  assert.equal((await program.get("/token")).status, 200, "it is refreshed like any other");
  assert.equal((await ask(pair, "DELETE", "/session", { bearer: program.secret })).status, 204);
  assert.equal(pair.as.to("/revoke").length, 1);
  assert.equal((await program.get()).status, 401);
});

test("MCP-T3 a refresh of the grant in use goes on while the other login waits", async (t) => {
  const pair = await startSessions(t);
  pair.as.tokens.accessLife = 120;
  const program = await beginActive(pair);
  const before = (await program.get("/token")).body.access_token;
  await again(pair, program.secret, ["write"]);
  await pair.pass(240_000);
  const { status, body } = await program.get("/token");
  assert.equal(status, 200);
  assert.notEqual(body.access_token, before);
  assert.equal(login(await program.get())?.status, "pending");
});

test("MCP-L5 whoever wants the same login joins the one that waits; one for more scopes takes its place", async (t) => {
  const pair = await startSessions(t);
  const program = await beginActive(pair, { scopes: "read" });
  const all = await Promise.all(Array.from({ length: 5 }, () => again(pair, program.secret, ["write"])));
  const [code, ...others] = new Set(all.map((one) => login(one)?.user_code));
  assert.ok(code && others.length === 0);
  assert.equal(login(await again(pair, program.secret))?.user_code, code);
  const more = await again(pair, program.secret, ["admin"]);
  assert.deepEqual(login(more)?.scopes, ["read", "write", "admin"]);
  assert.notEqual(login(more)?.user_code, code);
  assert.equal(pair.as.to("/device").length, 3);
});

test("MCP-L5 a first login that still waits is the one to be joined, and one that was just approved is no reason for another", async (t) => {
  const pair = await startSessions(t);
  const program = await begin(pair);
  const joined = await again(pair, program.secret);
  assert.equal(joined.body.user_code, "USER-1");
  assert.equal(login(joined), undefined);
  pair.as.tokens.approved = true;
  await pair.pass(6_000);
  await again(pair, program.secret);
  await pair.pass(6_000);
  await program.get();
  assert.equal(login(await again(pair, program.secret)), undefined);
  assert.equal(pair.as.to("/device").length, 2);
  await pair.pass(61_000);
  assert.equal(login(await again(pair, program.secret))?.status, "pending");
});

test("MCP-T3 a login again counts among the pending ones of its address and server, until it has ended", async (t) => {
  const pair = await startSessions(t);
  const start = () => ask(pair, "POST", "/sessions", { body: { server: "as" } });
  const [program, other] = [await beginActive(pair), await beginActive(pair)];
  for (const limit of ["tune_session_pending_per_address", "tune_session_pending_per_server"]) {
    await pair.write("oauth2/config", { [limit]: 1 });
    assert.equal((await again(pair, program.secret, [`${limit}.a`])).status, 200);
    for (const one of [await start(), await again(pair, other.secret, ["b"])]) {
      assert.deepEqual([one.status, one.body.error], [429, "too_many_pending"], limit);
    }
    assert.equal((await other.get("/token")).status, 200, "what it has is as good as before");
    const wider = await again(pair, program.secret, [`${limit}.a`, "c"]);
    assert.equal(login(wider)?.status, "pending", "in the place of its own");
    await pair.pass(240_000);
    assert.equal((await start()).status, 429, "also after the grant in use was refreshed");
    pair.as.reply("/token", oauthError("access_denied"));
    await pair.pass(6_000);
    pair.as.behave("/token");
    const next = await start();
    assert.equal(next.status, 201, "an ended one makes room");
    await ask(pair, "DELETE", "/session", { bearer: String(next.body.session_id) });
    await pair.write("oauth2/config", { [limit]: 0 });
  }
  const last = await again(pair, program.secret, ["d"]);
  assert.equal(last.status, 200, JSON.stringify(last.body));
  await pair.write("oauth2/config", { tune_session_pending_per_address: 1 });
  assert.equal((await start()).status, 429);
  assert.equal((await ask(pair, "DELETE", "/session", { bearer: program.secret })).status, 204);
  assert.equal((await start()).status, 201, "so does one whose session was ended");
});

test("MCP-T3 nobody is asked for the same scopes more than twice in ten minutes", async (t) => {
  const pair = await startSessions(t);
  const program = await beginActive(pair, { scopes: "read" });
  for (const _ of [1, 2]) {
    assert.equal((await again(pair, program.secret, ["write"])).status, 200);
    pair.as.reply("/token", oauthError("access_denied"));
    await pair.pass(6_000);
    pair.as.behave("/token");
    assert.equal(login(await program.get())?.status, "denied");
  }
  const refused = await again(pair, program.secret, ["write"]);
  assert.equal(refused.status, 429);
  assert.match(String(refused.body.error_description), /twice in 10 minutes/);
  assert.ok(Number(refused.headers.get("retry-after")) > 500);
  assert.equal((await program.get("/token")).status, 200, "what it has is as good as before");
  assert.equal((await again(pair, program.secret, ["other"])).status, 200, "other scopes are another matter");
  await pair.pass(600_000);
  assert.equal((await again(pair, program.secret, ["write"])).status, 200);
});

test("ST-52 a session asks for no more scopes than anybody has, at once or one login after the other", async (t) => {
  const pair = await startSessions(t);
  await pair.write("oauth2/config", { tune_session_starts_per_minute: 0 });
  const program = await beginActive(pair, { scopes: "read" });
  const many = (count: number, prefix: string) => Array.from({ length: count }, (_, index) => `${prefix}${index}`);
  const refusal = async (scopes: readonly string[]) => {
    const { status, body } = await again(pair, program.secret, scopes);
    return [status, /^a login may ask for 200 scopes/.test(String(body.error_description))];
  };
  assert.deepEqual(await refusal(many(201, "s")), [400, true]);
  assert.deepEqual(await refusal([many(201, "s").join(" ")]), [400, true]);
  assert.deepEqual(await refusal(["x".repeat(9_000)]), [400, true]);
  assert.equal((await again(pair, program.secret, many(150, "s"))).status, 200);
  assert.deepEqual(await refusal(many(60, "t")), [400, true], "those that wait count as well");
  for (let count = 1; count < 20; count++) assert.equal((await again(pair, program.secret, [`u${count}`])).status, 200);
  assert.equal((await again(pair, program.secret, ["v"])).status, 429);
});

test("MCP-T3 a grant that has ended is replaced by the login after it, with no new session", async (t) => {
  const pair = await startSessions(t);
  pair.as.tokens.accessLife = 60;
  const program = await beginActive(pair);
  for (const count of [1, 2, 3]) pair.as.tokens.end(`refresh-token-${count}`);
  pair.as.tokens.approved = false;
  await pair.pass(120_000);
  assert.equal((await program.get()).body.status, "failed");
  pair.as.tokens.approved = true;
  assert.equal(login(await again(pair, program.secret))?.status, "pending");
  await pair.pass(6_000);
  const { body } = await program.get();
  assert.equal(body.status, "active");
  assert.equal((await program.get("/token")).status, 200);
});

test("MCP-T3 a session that has ended begins no login, and one that ends takes the login that waits with it", async (t) => {
  const pair = await startSessions(t);
  const program = await beginActive(pair);
  await again(pair, program.secret, ["write"]);
  await ask(pair, "DELETE", "/session", { bearer: program.secret });
  assert.equal((await again(pair, program.secret, ["write"])).status, 401);
  pair.as.tokens.approved = true;
  const polls = pair.as.to("/token").length;
  await pair.pass(30_000);
  assert.equal(pair.as.to("/token").length, polls);
});

test("MCP-T3 settings that are written when a login again was just approved leave nothing of the one before", async (t) => {
  const pair = await startSessions(t);
  const program = await beginActive(pair, { scopes: "read" });
  await again(pair, program.secret, ["write"]);
  pair.as.tokens.approved = true;
  await pair.pass(6_000);
  await pair.write("oauth2/config", { tune_session_idle_seconds: 7_200 });
  assert.equal((await program.get("/token")).status, 200);
  await pair.pass(0);
  const { body } = await ask(pair, "GET", "/v1/oauth2/creds?list=true", OPERATOR);
  assert.match(JSON.stringify(body.data), /^\{"keys":\["session\/[^",]+\/[^",]+"\]/);
});
