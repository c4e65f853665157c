import assert from "node:assert/strict";
import test from "node:test";
import { start } from "../start.ts";

const DENIED = { errors: ["permission denied"] };

test("2 without, with an unknown or with a half token everything but the open paths is 403", async (t) => {
  const { app, token, calls } = start(t);
  const paths = [
    "/v1/oauth2/config",
    "/v1/oauth2/servers?list=true",
    "/v1/oauth2/servers/a",
    "/v1/oauth2/creds/me",
    "/v1/oauth2/self/me",
    "/v1/oauth2/sts/me",
    "/v1/oauth2/auth-code-url",
    "/v1/auth/token/lookup-self",
    "/v1/sys/internal/ui/mounts/oauth2",
    "/v1/sys/internal/specs/openapi",
    "/v1/sys/mounts",
    "/v1/no/such/mount",
    "/v1/oauth2/nope",
  ];
  for (const url of paths) {
    for (const given of ["", "hvs.wrong", token.slice(0, -1), `${token}x`]) {
      for (const headers of [{ "x-vault-token": given }, { authorization: `Bearer ${given}` }]) {
        for (const method of ["GET", "PUT", "DELETE"] as const) {
          const answer = await app.inject({ method, url, headers, ...(method === "PUT" && { payload: "{broken" }) });
          assert.equal(answer.statusCode, 403, `${method} ${url}`);
          assert.deepEqual(answer.json(), DENIED);
        }
      }
    }
  }
  assert.deepEqual(calls.writes, []);
});

test("1.3 X-Vault-Token, else Authorization: Bearer", async (t) => {
  const { app, token } = start(t);
  const url = "/v1/oauth2/creds/me";
  const status = async (headers: Record<string, string>) => (await app.inject({ url, headers })).statusCode;
  assert.equal(await status({ "x-vault-token": token }), 200);
  assert.equal(await status({ authorization: `Bearer ${token}` }), 200);
  assert.equal(await status({ authorization: `bearer ${token}`, "x-vault-token": "" }), 200);
  assert.equal(await status({ authorization: `Bearer ${token}`, "x-vault-token": "hvs.stale" }), 403);
  assert.equal(await status({ authorization: `Basic ${token}` }), 403);
});

test("1.3 an empty namespace is none, another is not supported", async (t) => {
  const { send } = start(t);
  const url = "/v1/oauth2/creds/me";
  for (const name of ["", "/", "root"]) {
    assert.equal((await send({ url, headers: { "x-vault-namespace": name } })).statusCode, 200);
  }
  const answer = await send({ url, headers: { "x-vault-namespace": "team" } });
  assert.equal(answer.statusCode, 404);
  assert.deepEqual(answer.json(), { errors: ["namespaces are not supported"] });
});

test("1.3 who asks for a wrapped answer in no way that is understood does not get the plain one", async (t) => {
  const { send } = start(t);
  const url = "/v1/oauth2/creds/me";
  for (const ttl of ["soon", "-60", "1.5"]) {
    const answer = await send({ url, headers: { "x-vault-wrap-ttl": ttl } });
    assert.equal(answer.statusCode, 400);
    assert.doesNotMatch(answer.body, /at-1/);
  }
  assert.equal((await send({ url, headers: { "x-vault-wrap-format": "jwt" } })).statusCode, 400);
  assert.equal((await send({ url, headers: { "x-vault-wrap-ttl": "0" } })).statusCode, 200);
});

test("help is answered instead of what the path holds", async (t) => {
  const { send } = start(t);
  const help = async (path: string) => (await send({ url: `/v1/${path}?help=1` })).json();
  const creds = await help("oauth2/creds/me");
  assert.deepEqual(creds.see_also, []);
  assert.match(creds.help, /^PUT, POST: Start or finish a grant under a name\n(.*\n)*GET: Read a token\n/);
  assert.match((await help("oauth2/auth-code-url")).help, /^PUT, POST: /);
  for (const path of ["sys/health", "sys/seal-status", "sys/init", "sys/leader", "oauth2/callback"]) {
    const { help: text, ...more } = await help(path);
    assert.match(text, /^GET(, HEAD)?: \w/, path);
    assert.deepEqual(more, { see_also: [], openapi: {} });
  }
  for (const path of ["oauth2", "oauth2/", "sys", "auth/token"]) {
    assert.match((await help(path)).help, /^\/v1\/\S+\n {2}[A-Z, ]+: \w/, path);
  }
  for (const query of ["help=maybe", "help=1&help=1"]) {
    const answer = await send({ url: `/v1/oauth2/creds/me?${query}` });
    assert.equal(answer.statusCode, 400);
    assert.doesNotMatch(answer.body, /at-1/);
  }
  assert.equal((await send({ url: "/v1/oauth2/creds/me?help=0" })).statusCode, 200);
});
