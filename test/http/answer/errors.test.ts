import assert from "node:assert/strict";
import test from "node:test";
import { start } from "../start.ts";

const read = (name: string) => ({ method: "GET", url: `/v1/oauth2/creds/${name}` }) as const;

test("1.2 wait is 503 with Retry-After and the data of a pending credential", async (t) => {
  const { send } = start(t);
  const answer = await send(read("pending"));
  assert.equal(answer.statusCode, 503);
  assert.equal(answer.headers["retry-after"], "5");
  assert.deepEqual(answer.json(), {
    errors: ["token pending issuance"],
    data: {
      status: "pending",
      user_code: "WDJB-MJHT",
      verification_uri: "https://as.example/device",
      verification_uri_complete: "https://as.example/device?user_code=WDJB-MJHT",
      expire_time: "2026-11-22T11:15:00Z",
      interval: 5,
    },
  });
});

test("1.2 tune_pending_status_code=400 changes the status, not the body nor Retry-After", async (t) => {
  const { send } = start(t);
  const before = await send(read("pending"));
  const payload = { tune_pending_status_code: "400" };
  assert.equal((await send({ method: "PUT", url: "/v1/oauth2/config", payload })).statusCode, 204);
  const answer = await send(read("pending"));
  assert.equal(answer.statusCode, 400);
  assert.equal(answer.headers["retry-after"], "5");
  assert.deepEqual(answer.json(), before.json());
});

test("1.2 refused is 400 with status, reason and the provider's code", async (t) => {
  const { send } = start(t);
  const answer = await send(read("denied"));
  assert.equal(answer.statusCode, 400);
  assert.equal(answer.headers["retry-after"], undefined);
  assert.deepEqual(answer.json().data, {
    status: "failed",
    reason: "access_denied",
    provider_error: "access_denied",
  });
});

test("1.2 a refused write says nothing about the status of what was there before", async (t) => {
  const { send } = start(t);
  const answer = await send({ method: "PUT", url: "/v1/oauth2/creds/denied", payload: { code: "x" } });
  assert.equal(answer.statusCode, 400);
  assert.deepEqual(answer.json().data, { reason: "access_denied", provider_error: "access_denied" });
});

test("1.2 token_too_short says until when the token is valid", async (t) => {
  const { send } = start(t);
  assert.deepEqual((await send(read("short"))).json().data, {
    status: "issued",
    reason: "token_too_short",
    expire_time: "2026-11-22T11:01:00Z",
  });
});

test("1.2 wait without a time still says Retry-After, at least 1", async (t) => {
  const { send } = start(t);
  const answer = await send(read("later"));
  assert.equal(answer.statusCode, 503);
  assert.equal(answer.headers["retry-after"], "1");
  assert.deepEqual(answer.json().data, { status: "issued", reason: "temporarily_unavailable" });
});

test("1.2 repeat is 502, forbidden is 403", async (t) => {
  const { send } = start(t);
  const repeat = await send({ method: "POST", url: "/v1/oauth2/creds/upstream", payload: {} });
  assert.equal(repeat.statusCode, 502);
  assert.equal(repeat.headers["retry-after"], "7");
  assert.equal((await send({ method: "POST", url: "/v1/oauth2/creds/forbidden", payload: {} })).statusCode, 403);
});

test("A20 S26 an unknown exception is a 500 with a number, and its message is neither shown nor logged", async (t) => {
  const { send, lines } = start(t);
  const answer = await send(read("broken"));
  assert.equal(answer.statusCode, 500);
  assert.deepEqual(answer.json(), { errors: [`internal error, request ${answer.headers["x-request-id"]}`] });
  const logged = JSON.stringify(lines);
  assert.match(logged, /"event":"request_failed"/);
  assert.match(logged, new RegExp(String(answer.headers["x-request-id"])));
  assert.doesNotMatch(logged, /secret-in-a-message/);
});

test("a store that takes no writes is 503, worth repeating", async (t) => {
  const { send } = start(t);
  const answer = await send({ method: "PUT", url: "/v1/oauth2/servers/full", payload: { provider: "github" } });
  assert.equal(answer.statusCode, 503);
  assert.equal(answer.headers["retry-after"], "2");
  assert.deepEqual(answer.json().errors, ["the store is not available at the moment: try again in a few seconds"]);
});

test("S12 a log line holds neither query, body, name nor token", async (t) => {
  const { app, send, token, lines } = start(t);
  await send({ method: "GET", url: "/v1/oauth2/creds/me?minimum_seconds=7&x=q-secret" });
  await send({ method: "PUT", url: "/v1/oauth2/creds/a-name", payload: { code: "b-secret" } });
  await app.inject({ url: "/v1/oauth2/callback?state=good&code=c-secret" });
  const logged = JSON.stringify(lines);
  for (const secret of ["q-secret", "b-secret", "c-secret", "a-name", token])
    assert.ok(!logged.includes(secret), secret);
  assert.match(logged, /"route":"\/v1\/oauth2\/creds\/\*"/);
});
