import assert from "node:assert/strict";
import test from "node:test";
import { walkFiles } from "../../../src/compose/walk-files.ts";
import { start } from "../start.ts";

test("15 the page may run its own scripts alone, ask any server, and be framed by nobody", async (t) => {
  const { app } = start(t);
  const { statusCode, headers, body } = await app.inject({ url: "/walk" });
  assert.equal(statusCode, 200);
  const policy = String(headers["content-security-policy"]).split("; ");
  const plain = policy.filter((rule) => !/^(script|style)-src/.test(rule));
  assert.deepEqual(plain, [
    "default-src 'none'",
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "connect-src https: http:",
    "require-trusted-types-for 'script'",
  ]);
  assert.match(policy.find((rule) => rule.startsWith("script-src")) ?? "", /^script-src 'self' 'sha256-[\w+/=]+'$/);
  assert.match(body, /data-simulators="\[\]"/);
  assert.equal((await app.inject({ method: "POST", url: "/walk" })).statusCode, 405);
});

test("15 only what the page imports is served", async (t) => {
  const { app } = start(t);
  const { entries, scripts } = walkFiles();
  const served = await app.inject({ url: `/walk/${entries.walk}` });
  assert.match(String(served.headers["content-type"]), /^text\/javascript/);
  const rooms = new Set([...scripts.keys()].map((path) => path.split("/")[0]));
  assert.deepEqual([...rooms].sort(), [
    "api",
    "client",
    "messages",
    "packages",
    "protocol",
    "providers",
    "walk",
    "web",
  ]);
  for (const path of [
    "broker/broker.ts",
    "api/session.ts",
    "web/none.ts",
    "../package.json",
    "web/../../package.json",
    "web/%2e%2e/%2e%2e/package.json",
    "..%2fconfig.ts",
    "",
  ]) {
    assert.equal((await app.inject({ url: `/walk/${path}` })).statusCode, 404, path);
  }
});

test("15 simulators are told as data, whatever their names are", async (t) => {
  const simulators = [{ name: '"><script>', of: "</main>", url: "http://127.0.0.1:1" }];
  const { app } = start(t, { simulators });
  const { body } = await app.inject({ url: "/walk" });
  assert.ok(!body.includes('"><script>'));
  assert.match(body, /data-simulators="\[\{&quot;name&quot;/);
});
