import assert from "node:assert/strict";
import { createRequire } from "node:module";
import test from "node:test";
import type { InjectOptions } from "fastify";
import { checkMounts, mountsOf } from "../../src/mount-names.ts";
import { start } from "./start.ts";

type Row = readonly [method: string, url: string, status: number, errors: readonly string[]];

const ROWS: readonly Row[] = [
  ["GET", "/v1/x/y", 404, ['no handler for route "x/y". route entry not found.']],
  ["GET", "/v1/oauth2x/config", 404, ['no handler for route "oauth2x/config". route entry not found.']],
  ["GET", "/v1/oauth2/nope", 404, ["unsupported path"]],
  ["GET", "/v1/sys/nope", 404, ["unsupported path"]],
  ["GET", "/v1/auth/token/nope", 404, ["unsupported path"]],
  ["GET", "/nowhere", 404, ["unsupported path"]],
  ["GET", "/v1/oauth2/creds/a:/b", 404, ["unsupported path"]],
  ["PUT", "/v1/oauth2/creds/a%00b", 404, ["unsupported path"]],
  ["PUT", "/v1/oauth2/creds/a//b", 404, ["unsupported path"]],
  ["PUT", "/v1/oauth2/servers/..", 404, ["unsupported path"]],
  ["PUT", `/v1/oauth2/creds/${"x".repeat(1_000_000)}`, 404, ["unsupported path"]],
  ["GET", "/v1/oauth2/creds/nothing", 404, []],
  ["GET", "/v1/oauth2/config", 404, []],
  ["GET", "/v1/oauth2/self?list=true", 404, []],
  ["GET", "/v1/oauth2/creds/zzz?list=true", 404, []],
  ["GET", "/v1/oauth2/creds", 405, ["unsupported operation"]],
  ["PUT", "/v1/oauth2/creds/", 405, ["unsupported operation"]],
  ["GET", "/v1/oauth2/auth-code-url", 405, ["unsupported operation"]],
  ["PUT", "/v1/oauth2/sts/me", 405, ["unsupported operation"]],
  ["DELETE", "/v1/oauth2/sts/me", 405, ["unsupported operation"]],
  ["GET", "/v1/oauth2/sts/me?list=true", 405, ["unsupported operation"]],
  ["GET", "/v1/oauth2/config?list=1", 405, ["unsupported operation"]],
  ["GET", "/v1/auth/token/lookup-self?list=true", 405, ["unsupported operation"]],
  ["GET", "/v1/sys/seal-status?list=true", 405, ["unsupported operation"]],
  ["GET", "/v1/oauth2/callback?list=true", 405, ["unsupported operation"]],
  ["GET", "/v1/oauth2/creds/me?x=%zz", 400, ["bad request"]],
  ["GET", "/v1/oauth2/creds/me?%FF=%FF", 400, ["bad request"]],
  ["PUT", "/v1/oauth2/callback", 405, ["unsupported operation"]],
  ["HEAD", "/v1/oauth2/callback", 405, ["unsupported operation"]],
  ["PROPFIND", "/v1/oauth2/creds/me", 405, ["unsupported operation"]],
  ["GET", "/v1/oauth2/creds/%ff", 400, ["bad request"]],
  ["GET", "/v1/oauth2/creds/me?minimum_seconds=-1", 400, []],
  ["GET", "/v1/oauth2/creds/?list=maybe", 400, []],
  ["GET", "/v1/oauth2/creds/?list=true&limit=-1", 400, ["limit cannot be negative"]],
];

for (const [method, url, status, errors] of ROWS) {
  test(`2 ${method} ${url.slice(0, 60)} is ${status}`, async (t) => {
    const { send, calls } = start(t);
    const answer = await send({ method: method as "GET", url });
    assert.equal(answer.statusCode, status);
    assert.equal(answer.headers["content-type"], "application/json");
    assert.equal(answer.headers["cache-control"], "no-store");
    if (method !== "HEAD" && (errors.length > 0 || status === 404)) assert.deepEqual(answer.json(), { errors });
    assert.deepEqual(calls.writes, []);
  });
}

test("1.1 PATCH is a merge patch (else 415) and offered nowhere", async (t) => {
  const { send } = start(t);
  const patch = (type: string) => ({
    method: "PATCH" as const,
    url: "/v1/oauth2/creds/me",
    payload: "{}",
    headers: { "content-type": type },
  });
  assert.equal((await send(patch("application/json"))).statusCode, 415);
  assert.equal((await send(patch("application/merge-patch+json"))).statusCode, 405);
});

const METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"] as const;

/** For anybody, also by a method that they do not take. */
const OPEN =
  /^\/(?!v1\/|sessions\/)|^\/v1\/(?:sys\/(?:health|seal-status|leader|init|wrapping\/(?:unwrap|rewrap|lookup))$|auth\/:mount\/(?:oidc\/|login)|.*\/callback)/;
/** Of which nothing is told but that they are not there. */
const START = new Set(["/", "/robots.txt"]);

test("1.1 every method that a path does not offer is a 405 behind its door, told by its pattern, and no route of its own", async (t) => {
  const { app, send, lines } = start(t, { mounts: ["oauth2"], made: ["x"] });
  const offered = new Map<string, Set<string>>();
  let refusing = 0;
  app.addHook("onRoute", ({ url, method, config = {} }) => {
    if ("refusedBy" in config) refusing += [method].flat().length;
    if ("refusedBy" in config || START.has(url)) return;
    offered.set(url, new Set([...(offered.get(url) ?? []), ...[method].flat()]));
  });
  await app.ready();
  // Only where another path has this one in it: each costs every start.
  assert.ok(refusing < 60, `${refusing} routes that refuse`);
  let asked = 0;
  for (const [pattern, methods] of offered) {
    const url = pattern.replaceAll(/:\w+|\*/g, "x");
    for (const method of METHODS.filter((one) => !methods.has(one))) {
      const refused = await send({ method, url });
      assert.equal(refused.statusCode, method === "PATCH" ? 415 : 405, `${method} ${pattern}`);
      const told = JSON.stringify(lines.at(-1)?.fields);
      assert.ok(told.includes(`"route":"${pattern}"`), `${method} ${pattern}: ${told}`);
      asked += 1;
    }
    if (methods.has("DELETE")) continue;
    const { statusCode } = await app.inject({ method: "DELETE", url });
    assert.equal(statusCode, OPEN.test(pattern) ? 405 : 403, `DELETE ${pattern} without a token`);
  }
  assert.ok(asked > 400, `${asked} asked`);
});

test("1.1 PUT and POST are equal; paths are decoded once", async (t) => {
  const { send, calls } = start(t);
  const urls = ["/v1/oauth2/creds/a%2Fb@c:d%252F%3F", "/v1/oauth2/creds/a/b%40c%3Ad%252F%3F"];
  for (const url of urls) {
    for (const method of ["PUT", "POST"] as const) {
      assert.equal((await send({ method, url, payload: { code: "x" } })).statusCode, 204);
      assert.equal(calls.writes.pop()?.name, "a/b@c:d%2F?");
    }
  }
});

test("4 the longest mount wins and a mount may have two segments", async (t) => {
  const { send } = start(t, { mounts: ["secret", "secret/oauth"] });
  for (const mount of ["secret", "secret/oauth"]) {
    assert.equal((await send({ url: `/v1/${mount}/creds/me` })).statusCode, 200);
    const found = await send({ url: `/v1/sys/internal/ui/mounts/${mount}/creds/me` });
    assert.equal(found.json().data.path, `${mount}/`);
  }
});

test("4 ST-174 names of mounts that would hide other paths, or be meant by their policies, end the start", () => {
  for (const name of ["", "sys", "auth/x", "a/creds", "a//b", "a/", "a b", "..", "sessions", "metrics/a"])
    assert.throws(() => checkMounts([name]));
  assert.throws(() => checkMounts([]));
  assert.throws(() => checkMounts(["a", "a"]));
  assert.deepEqual(mountsOf(""), ["oauth2"]);
  assert.deepEqual(mountsOf("a/, team/b"), ["oauth2", "a", "team/b"]);
  for (const list of ["oauth2", "oauth2/x", "a,a/b", "sys"]) assert.throws(() => mountsOf(list), list);
});

test("1.2 any content type will do for JSON, and GET and DELETE take the query", async (t) => {
  const { send, calls } = start(t);
  for (const type of [
    "application/x-www-form-urlencoded",
    "text/plain",
    "application/json; charset=utf-8",
    "json",
    ";",
  ]) {
    const request: InjectOptions = { method: "PUT", url: "/v1/oauth2/servers/a", headers: { "content-type": type } };
    assert.equal((await send({ ...request, payload: '{"provider":"github"}' })).statusCode, 204);
  }
  assert.equal(calls.writes.length, 5);
  const deletion = { method: "DELETE", url: "/v1/oauth2/creds/a?revoke=false", payload: { revoke: true } } as const;
  assert.equal((await send(deletion)).statusCode, 204);
  assert.deepEqual(calls.writes.at(-1), { kind: "delete", name: "a", input: false });
});

test("the compilers of schemas that Fastify brings are not even loaded", async (t) => {
  await start(t);
  const loaded = Object.keys(createRequire(import.meta.url).cache).filter((file) =>
    /ajv-compiler|stringify-compiler/.test(file),
  );
  assert.deepEqual(loaded, []);
});

test("a start makes no routes that only refuse, and no schemas of answers", async (t) => {
  const { app } = start(t, { mounts: ["oauth2"] });
  const entries: string[] = [];
  const withAnswers: string[] = [];
  app.addHook("onRoute", ({ method, url, schema }) => {
    entries.push(...[method].flat().map((one) => `${one} ${url}`));
    if (schema?.response !== undefined) withAnswers.push(url);
  });
  await app.ready();
  // The router compiles functions for each; where this grows, so does what every start of a broker costs.
  assert.ok(entries.length <= 330, `${entries.length} routes`);
  assert.ok(entries.length > 200, `${entries.length} routes`);
  assert.deepEqual(withAnswers, []);
});
