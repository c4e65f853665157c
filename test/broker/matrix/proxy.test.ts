import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { empty, json, oauthError } from "../../servers/faults.ts";
import {
  type HomeserverPair,
  startHomeserverPair,
  VERSIONS,
  writeHomeserver,
} from "../../support/matrix/homeserver-pair.ts";
import { ask } from "../../support/sessions.ts";

const SYNC = "/_matrix/client/v3/sync";

interface Stage extends HomeserverPair {
  /** As a program asks: with its session, or with what is given. */
  call(path: string, init?: { method?: string; authorization?: string | null; api?: string }): Promise<Answer>;
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

/** A program with a session at a homeserver, which it reaches through the proxy. */
async function stage(t: TestContext): Promise<Stage> {
  const pair = await startHomeserverPair(t);
  pair.as.tokens.accessLife = 600;
  await writeHomeserver(pair, pair.as, {}, { allow_sessions: true, proxy_apis: { mx: pair.as.issuer } });
  pair.as.reply(SYNC, json(200, { next_batch: "1" }));
  pair.as.tokens.approved = true;
  const started = await ask(pair, "POST", "/sessions", { body: { server: "mx" } });
  const bearer = String(started.body.session_id);
  await pair.pass(6_000);
  assert.equal((await ask(pair, "GET", "/session", { bearer })).body.status, "active");
  const call: Stage["call"] = async (path, init = {}) => {
    const { method = "GET", authorization = `Bearer ${bearer}`, api = "mx" } = init;
    const headers = authorization === null ? {} : { authorization };
    const answer = await fetch(`${pair.running.address}/session/proxy/${api}${path}`, { method, headers });
    return { status: answer.status, headers: answer.headers, body: JSON.parse((await answer.text()) || "{}") };
  };
  return { ...pair, call };
}

test("FC-81 without a token the API is not there, which programs take for an answer; nothing is passed on", async (t) => {
  const { call, as } = await stage(t);
  const before = as.requests.length;
  for (const path of [VERSIONS, "/_matrix/client/v3/login"]) {
    const { status, body } = await call(path, { authorization: null });
    assert.equal(status, 404, path);
    assert.deepEqual([body.errcode, body.error], ["M_UNRECOGNIZED", "not_found"]);
  }
  assert.equal((await call("/elsewhere", { authorization: null })).status, 401, "no API that is known to want it");
  assert.equal(as.requests.length, before);
  assert.equal((await call(VERSIONS)).status, 200);
});

test("FC-85 a session that is unknown or whose login has ended is the API's own 401, beside the broker's words", async (t) => {
  const { call, as, pass } = await stage(t);
  for (const authorization of ["Bearer ccs_nobody", "Bearer", "Basic x"]) {
    const { status, body } = await call(SYNC, { authorization });
    assert.deepEqual([status, body.errcode, body.error], [401, "M_UNKNOWN_TOKEN", "invalid_session"], authorization);
  }
  as.reply("/token", oauthError("invalid_grant"));
  as.reply(SYNC, json(401, { errcode: "M_UNKNOWN_TOKEN", soft_logout: false }));
  assert.equal((await call(SYNC)).body.errcode, "M_UNKNOWN_TOKEN", "the API's own, while its token lives");
  await pass(700_000);
  const asked = as.to(SYNC).length;
  const { status, body, headers } = await call(SYNC);
  assert.deepEqual([status, body.errcode, body.error], [401, "M_UNKNOWN_TOKEN", "invalid_grant"], JSON.stringify(body));
  assert.equal(headers.get("coatcheck-api"), null, "it is the broker's word");
  assert.equal(as.to(SYNC).length, asked);
});

test("FC-85 in an outage it is 503 M_UNKNOWN: a program waits, and does not forget its login", async (t) => {
  const { call, as, pass } = await stage(t);
  as.reply("/token", empty(503));
  await pass(700_000);
  // A reader's turn to try the server may be a second away.
  const calling = call(SYNC);
  await pass(6_000);
  const { status, body, headers } = await calling;
  assert.deepEqual([status, body.errcode, body.error], [503, "M_UNKNOWN", "temporarily_unavailable"]);
  assert.ok(Number(headers.get("retry-after")) >= 1);
});

test("FC-85 what the homeserver itself does not answer is 502 M_UNKNOWN, and an API that nobody listed no such place", async (t) => {
  const { call, as } = await stage(t);
  as.reply(SYNC, ({ request }) => void request.socket.resetAndDestroy());
  const broken = await call(SYNC);
  assert.deepEqual([broken.status, broken.body.errcode], [502, "M_UNKNOWN"]);
  const other = await call(SYNC, { api: "other" });
  assert.deepEqual([other.status, other.body.errcode], [404, "M_UNRECOGNIZED"]);
});

test("FC-86 a segment is data: an encoded slash goes on as it is, and nothing leads upwards", async (t) => {
  const { call, as } = await stage(t);
  for (const key of ["a%2Fb", "%2F", "%5c", "a%252fb", "%2525", "100%25", "%40a%3Ab%2Fc", "a%2eb", "%C3%A9%2F"]) {
    const path = `/_matrix/client/v3/rooms/!a:b/state/x/${key}`;
    as.reply(path, json(200, { event_id: "$1" }));
    const { status, body } = await call(path, { method: "PUT" });
    assert.equal(status, 200, `${key} ${JSON.stringify(body)}`);
    assert.equal(as.to(path).length, 1, key);
  }
  const before = as.requests.length;
  const upwards = ["..%2Fb", "a%2F..%2Fb", "a%2f%2e%2e", "a%5C..%5Cb", "a%252F..%252Fb", "..%253b%2fx", "a%2F.", "%00"];
  for (const key of [...upwards, `a%${"25".repeat(9)}2Fb`]) {
    const { status } = await call(`/_matrix/client/v3/rooms/!a:b/state/x/${key}`, { method: "PUT" });
    assert.equal(status, 400, key);
  }
  assert.equal(as.requests.length, before);
});
