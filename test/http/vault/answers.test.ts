import assert from "node:assert/strict";
import test from "node:test";
import { start } from "../start.ts";

test("2, 5.2 a token comes in an envelope of eight keys, its remaining life as lease", async (t) => {
  const { send } = start(t);
  const answer = await send({ url: "/v1/oauth2/creds/me" });
  const { request_id, ...envelope } = answer.json();
  assert.equal(request_id, answer.headers["x-request-id"]);
  assert.deepEqual(envelope, {
    lease_id: "",
    renewable: false,
    lease_duration: 3600,
    data: {
      server: "github",
      access_token: "at-1",
      type: "Bearer",
      expire_time: "2026-11-22T12:00:00Z",
      scopes: ["repo"],
    },
    wrap_info: null,
    warnings: null,
    auth: null,
  });
});

test("5.2 a token without expiry has no expire_time and lease 0; the broker's warnings are passed on", async (t) => {
  const { send } = start(t);
  const forever = (await send({ url: "/v1/oauth2/self/forever" })).json();
  assert.deepEqual(forever.data, { server: "github", access_token: "at-2", type: "Bearer" });
  assert.equal(forever.lease_duration, 0);
  assert.deepEqual((await send({ url: "/v1/oauth2/creds/warned?x=1" })).json().warnings, [
    "careful",
    "Endpoint ignored these unrecognized parameters: [x]",
  ]);
});

test("1.5 unknown keys warn, values from the path win with a warning", async (t) => {
  const { send } = start(t);
  const payload = { grant_type: "urn:ietf:params:oauth:grant-type:device_code", zz: 1, name: "other", a: 1 };
  const device = await send({ method: "PUT", url: "/v1/oauth2/creds/pending", payload });
  assert.equal(device.statusCode, 200);
  assert.equal(device.json().data.status, "pending");
  assert.equal(device.json().data.user_code, "WDJB-MJHT");
  assert.deepEqual(device.json().warnings, [
    "Endpoint ignored these unrecognized parameters: [a zz]",
    "Endpoint replaced the value of these parameters with the values captured from the endpoint's path: [name]",
  ]);
  const silent = await send({ method: "PUT", url: "/v1/oauth2/creds/x", payload: { code: "c" } });
  assert.equal(silent.statusCode, 204);
  assert.equal(silent.body, "");
  assert.equal(silent.headers["content-type"], undefined);
});

test("FC-62 a misspelt parameter is a warning (200) at every path, also where the answer would be 204", async (t) => {
  const { send } = start(t);
  const says = ["Endpoint ignored these unrecognized parameters: [zz]"];
  const writes = {
    config: {},
    "creds/me": { code: "c" },
    "servers/x": { provider: "github" },
    "self/me": { server: "x" },
  };
  for (const [path, own] of Object.entries(writes)) {
    const url = `/v1/oauth2/${path}`;
    const payload = { ...own, zz: 1 };
    for (const sent of [{ method: "PUT" as const, url, payload }, { url: `${url}?zz=1` }]) {
      const answer = await send(sent);
      assert.deepEqual([answer.statusCode, answer.json().warnings], [200, says], `${path}: ${answer.body}`);
    }
    const gone = await send({ method: "DELETE", url: `${url}?zz=1` });
    assert.ok(gone.statusCode === 200 && gone.json().warnings.includes(says[0]), `${path}: ${gone.body}`);
  }
  const mounts = (await send({ url: "/v1/sys/mounts?zz=1" })).json();
  assert.deepEqual(mounts.warnings, says);
  const { plugin_version, running_plugin_version, running_sha256 } = mounts.data["oauth2/"];
  assert.deepEqual([plugin_version, running_plugin_version, running_sha256], ["", "v1.18.0+builtin.coatcheck", ""]);
});

test("a warning about a megabyte of keys stays short", async (t) => {
  const { send } = start(t);
  const payload = Object.fromEntries(Array.from({ length: 9_000 }, (_, i) => [`${i}`.padEnd(100, "k"), 1]));
  const device = await send({ method: "PUT", url: "/v1/oauth2/creds/pending", payload });
  assert.ok(device.body.length < 3_000);
});

test("5.1 a credential's input arrives in its types, with its defaults", async (t) => {
  const { send, calls } = start(t);
  const payload = {
    server: "gh",
    scopes: "a, b,",
    maximum_expiry_seconds: "1h",
    provider_options: "tenant=x",
    code: 12.0,
  };
  await send({ method: "POST", url: "/v1/oauth2/creds/x", payload: JSON.stringify(payload).replace("12", "12.0") });
  assert.deepEqual(calls.writes[0]?.input, {
    server: "gh",
    grantType: "",
    code: "12.0",
    redirectUrl: "",
    state: "",
    codeVerifier: "",
    iss: "",
    refreshToken: "",
    deviceCode: "",
    scopes: ["a", "b"],
    interval: 5,
    expiresIn: 1800,
    maximumExpirySeconds: 3600,
    providerOptions: { tenant: "x" },
  });
});

test("7 sts takes scopes by comma or space, audiences by comma, in the singular too", async (t) => {
  const { send, calls } = start(t);
  const query = "scopes=a%20b,c&audiences=x,y%20z&audience=w&resource=https://r&minimum_seconds=1m";
  const answer = await send({ url: `/v1/oauth2/sts/me?${query}` });
  assert.deepEqual(calls.writes[0]?.input, {
    scopes: ["a", "b", "c"],
    audiences: ["x", "y z", "w"],
    resources: ["https://r"],
    minimumSeconds: 60,
  });
  assert.equal(answer.json().data.access_token, "at-1");
  assert.equal(answer.json().data.server, undefined);
});

test("4 a link has url, state and expire_time", async (t) => {
  const { send } = start(t);
  const answer = await send({ method: "PUT", url: "/v1/oauth2/auth-code-url", payload: { server: "gh" } });
  assert.deepEqual(answer.json().data, {
    url: "https://as.example/authorize",
    state: "st",
    expire_time: "2026-11-22T11:10:00Z",
  });
  const bad = await send({ method: "PUT", url: "/v1/oauth2/auth-code-url", payload: { server: "gh", name: "a:" } });
  assert.equal(bad.statusCode, 400);
});

test("5.3 a list has keys relative to its prefix with key_info, and pages", async (t) => {
  const { send } = start(t);
  const info = { status: "issued", server: "github", expire_time: "2026-11-22T11:01:00Z" };
  const all = await send({ url: "/v1/oauth2/creds/?list=true&limit=2" });
  assert.deepEqual(all.json().data, { keys: ["a/b", "a/c"], key_info: { "a/b": info, "a/c": info }, next: "a/c" });
  const below = await send({ url: "/v1/oauth2/creds/a/?list=True&after=b" });
  assert.deepEqual(below.json().data, { keys: ["c"], key_info: { c: info } });
});

test("a list with a filter: one page, where to go on, relative as its keys are; nothing found is no 404", async (t) => {
  const { send } = start(t);
  const info = { status: "failed", server: "as", reason: "invalid_grant", fixed_by: "person" };
  const first = await send({ url: "/v1/oauth2/creds/a/?list=true&status=failing&server=as&limit=9" });
  assert.deepEqual(first.json().data, { keys: ["b", "c"], key_info: { b: info, c: info }, next: "d" });
  const last = await send({ url: "/v1/oauth2/creds?list=true&status=pending&after=a/d" });
  assert.deepEqual([last.statusCode, last.json().data], [200, { keys: [], key_info: {} }]);
  const wrong = await send({ url: "/v1/oauth2/creds?list=true&status=broken" });
  assert.deepEqual(
    [wrong.statusCode, wrong.json().errors],
    [400, ["status must be one of pending, issued, failed, failing"]],
  );
});

test("5.3 a delete is 204, or 200 with the warning that the grant lives on", async (t) => {
  const { send } = start(t);
  assert.equal((await send({ method: "DELETE", url: "/v1/oauth2/creds/nothing" })).statusCode, 204);
  const warned = await send({ method: "DELETE", url: "/v1/oauth2/creds/warned" });
  assert.equal(warned.statusCode, 200);
  assert.equal(warned.json().data, null);
  assert.deepEqual(warned.json().warnings, ["credential removed, but the grant could not be revoked: refused"]);
});

test("5 lookup-self tells the root token's life: for ever", async (t) => {
  const { send, token } = start(t);
  for (const method of ["GET", "POST"] as const) {
    const { data } = (await send({ method, url: "/v1/auth/token/lookup-self" })).json();
    assert.deepEqual(
      [data.id, data.ttl, data.type, data.renewable, data.policies],
      [token, 0, "service", false, ["root"]],
    );
    assert.equal(data.expire_time, null);
  }
});

test("4 the preflight finds the mount of a path; tables repeat their keys at top level", async (t) => {
  const { send } = start(t);
  const { data } = (await send({ url: "/v1/sys/internal/ui/mounts/secret/oauth/creds/me" })).json();
  assert.equal(data.path, "secret/oauth/");
  assert.equal(data.type, "oauthapp");
  assert.equal(data.options, null);
  assert.equal((await send({ url: "/v1/sys/internal/ui/mounts/nope/x" })).statusCode, 404);
  const table = (await send({ url: "/v1/sys/mounts" })).json();
  assert.deepEqual(table["oauth2/"], table.data["oauth2/"]);
  assert.deepEqual((await send({ url: "/v1/sys/auth" })).json().data["token/"].type, "token");
  assert.equal((await send({ url: "/v1/sys/mounts/oauth2/tune" })).json().data.max_lease_ttl, 0);
});
