import assert from "node:assert/strict";
import { test } from "node:test";
import { Value } from "typebox/value";
import { SessionList } from "../../../src/api/index.ts";
import { ROOT_TOKEN } from "../../support/request.ts";
import { startSessions } from "../../support/sessions.ts";
import { call, child, policy } from "./stage.ts";

test("a policy says which servers and scopes sessions may be started with, and whose may be seen and ended", async (t) => {
  const pair = await startSessions(t);
  await policy(
    pair,
    "starts",
    `path "sessions" { capabilities = ["update"]
    allowed_parameters = { "server" = ["as"], "scopes" = ["repo", "read:*"], "label" = [] }
    required_parameters = ["scopes"] }
    path "sessions/own" { capabilities = ["list", "delete"] }`,
  );
  await policy(pair, "label", 'path "sessions/label/ci-*" { capabilities = ["list"] }');
  const { client_token: mine } = await child(pair, { policies: ["starts"] });
  const { client_token: other } = await child(pair, { policies: ["starts"] });
  const { client_token: watches } = await child(pair, { policies: ["label"] });
  const begin = (token: string, body: unknown) => call(pair, token, "POST", "/sessions", body);
  const refused: readonly unknown[] = [
    { server: "as" },
    { server: "other", scopes: "repo" },
    { server: "as", scopes: "repo admin" },
    { server: "as", scopes: ["read:user admin"] },
    { server: "as", scopes: "repo", options: { a: "b" } },
  ];
  for (const body of refused) assert.equal((await begin(mine, body)).status, 403, JSON.stringify(body));
  assert.equal((await begin(watches, { server: "as", scopes: "repo" })).status, 403);
  const one = await begin(mine, { server: "as", scopes: ["repo", "read:user"], label: "ci-7" });
  assert.equal(one.status, 201);
  const two = await begin(other, { server: "as", scopes: "repo", label: "by hand" });
  const seen = async (token: string) => {
    const { status, data } = await call(pair, token, "GET", "/sessions");
    return status === 200 ? (data.sessions as readonly { id: string }[]).map(({ id }) => id) : status;
  };
  assert.deepEqual(
    [await seen(mine), await seen(other), await seen(watches)],
    [[one.data.id], [two.data.id], [one.data.id]],
  );
  assert.equal(await seen((await child(pair, { policies: ["default"] })).client_token), 403);
  const end = async (token: string, id: unknown) => (await call(pair, token, "DELETE", `/sessions/${id}`)).status;
  assert.deepEqual(
    [await end(watches, one.data.id), await end(mine, two.data.id), await end(mine, one.data.id)],
    [404, 404, 204],
  );
});

test("ST-66 whoever sends a token that has ended is refused, and not taken for a stranger at an open server", async (t) => {
  const pair = await startSessions(t);
  await policy(pair, "starts", 'path "sessions" { capabilities = ["update"] }');
  const { client_token: token } = await child(pair, { policies: ["starts"] });
  const begin = async (headers: Record<string, string>) => {
    const body = JSON.stringify({ server: "as" });
    const response = await fetch(`${pair.running.address}/sessions`, { method: "POST", headers, body });
    const told = (await response.json()) as { readonly error?: string };
    return [response.status, told.error];
  };
  assert.deepEqual(await begin({ "x-vault-token": token }), [201, undefined]);
  assert.deepEqual(await begin({ authorization: `Bearer ${token}` }), [201, undefined]);
  assert.equal((await call(pair, token, "POST", "auth/token/revoke-self")).status, 204);
  const refused = [403, "permission_denied"];
  assert.deepEqual(await begin({ "x-vault-token": token }), refused);
  assert.deepEqual(await begin({ authorization: `Bearer ${token}` }), refused);
  assert.deepEqual(await begin({ authorization: "Bearer" }), refused, "a variable that is empty");
  assert.deepEqual(await begin({ authorization: "Bearer two words" }), refused);
  // What another proxy asks of its clients is no token of ours.
  assert.deepEqual(await begin({ authorization: "Basic dTpw", "x-vault-token": "" }), [201, undefined]);
  assert.deepEqual(await begin({}), [201, undefined]);
});

test("a session says whether the caller's token may end it, one by one and in the list, as its end then does", async (t) => {
  const pair = await startSessions(t);
  const starts = 'path "sessions" { capabilities = ["update", "list"] }';
  const rules: Readonly<Record<string, string>> = {
    sees: starts,
    own: `${starts} path "sessions/own" { capabilities = ["delete"] }`,
    mine: `${starts} path "sessions/mine" { capabilities = ["delete"] }`,
    label: `${starts} path "sessions/label/ci-*" { capabilities = ["delete"] }`,
    all: `${starts} path "sessions/*" { capabilities = ["delete"] }`,
    denied: `${starts} path "sessions/*" { capabilities = ["delete"] } path "sessions/own" { capabilities = ["deny"] }`,
  };
  const told = async (token: string, id: unknown) => {
    const one = await call(pair, token, "GET", `/sessions/${id}`);
    const list = await call(pair, token, "GET", "/sessions");
    assert.ok(Value.Check(SessionList, list.data));
    const listed = list.data.sessions.find((each) => each.id === id);
    assert.equal(one.data.may_end, listed?.may_end);
    return one.data.may_end;
  };
  const came: Record<string, readonly unknown[]> = {};
  for (const [name, text] of Object.entries(rules)) {
    await policy(pair, name, text);
    const { client_token: token } = await child(pair, { policies: [name] });
    const own = await call(pair, token, "POST", "/sessions", { server: "as", label: `by hand, ${name}` });
    const other = await call(pair, ROOT_TOKEN, "POST", "/sessions", { server: "as", label: `ci-${name}` });
    const may = [await told(token, own.data.id), await told(token, other.data.id)];
    for (const [at, { data }] of [own, other].entries()) {
      const { status } = await call(pair, token, "DELETE", `/sessions/${data.id}`);
      assert.equal(status === 204, may[at], `${name}: ${status}`);
    }
    came[name] = may;
  }
  assert.deepEqual(came, {
    sees: [false, false],
    own: [true, false],
    mine: [false, false],
    label: [false, true],
    all: [true, true],
    denied: [true, true],
  });
});
