import assert from "node:assert/strict";
import { createHash, generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { oauthError } from "../../servers/faults.ts";
import { describeResource, type McpPair, startMcpPair, writeMcp } from "../../support/mcp/mcp-pair.ts";
import { ROOT_TOKEN } from "../../support/request.ts";
import { ask } from "../../support/sessions.ts";

test("MCP-G5 client credentials at an MCP server: resource and scopes as in a login, an assertion for the issuer, asked for anew when it ends", async (t) => {
  const pair = await startMcpPair(t, { metadata: { scopes_supported: ["offline_access"] } });
  describeResource(pair.as, { scopes_supported: ["tools"] });
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const client_key = privateKey.export({ type: "pkcs8", format: "pem" });
  const keyed = { client_id: "agent", client_key, token_endpoint_auth_method: "private_key_jwt" };
  assert.ok((await writeMcp(pair, pair.as, {}, keyed)).status < 300);
  const written = await pair.write("oauth2/self/agent", { server: "tools" });
  assert.ok(written.status < 300, JSON.stringify(written.body));
  const first = await pair.read("oauth2/self/agent");
  await pair.pass(4_000_000);
  const second = await pair.read("oauth2/self/agent");
  assert.notEqual(second.body?.data?.access_token, first.body?.data?.access_token);
  const asked = pair.as.to("/token");
  assert.ok(asked.length >= 2);
  for (const { form } of asked) {
    const [, claims = ""] = String(form.get("client_assertion")).split(".");
    const { aud, iss } = JSON.parse(Buffer.from(claims, "base64url").toString());
    assert.deepEqual(
      [form.get("grant_type"), form.get("scope"), aud, iss],
      ["client_credentials", "tools", pair.as.issuer, "agent"],
    );
    assert.deepEqual(form.getAll("resource"), [`${pair.as.origin}/mcp`]);
  }
});

const OWN = { grant: "client_credentials" };

/** A session at a server whose record signs in as the client itself. */
async function beginOwn(pair: McpPair) {
  const started = await pair.begin({}, { scopes: ["tools"] });
  assert.equal(started.status, 201, JSON.stringify(started.body));
  const bearer = String(started.body.session_id);
  const get = (path: string) => ask(pair, "GET", `/session${path}`, { bearer });
  const refuse = (token: unknown) => {
    const token_sha256 = createHash("sha256").update(String(token)).digest("hex");
    return ask(pair, "POST", "/session/rejected", { bearer, body: { token_sha256 } });
  };
  return { started, get, refuse, bearer };
}

test("MCP-G5 a session of the client itself is active at once, and gets another token when one ends or is refused", async (t) => {
  const record = { client_id: "agent", client_secret: "hush", token_endpoint_auth_method: "client_secret_basic" };
  const pair = await startMcpPair(t, { options: OWN, record });
  const { started, get, refuse } = await beginOwn(pair);
  assert.deepEqual([started.body.status, started.body.user_code], ["active", ""]);
  const first = (await get("/token")).body.access_token;
  await pair.pass(4_000_000);
  const { status, refreshable, warnings } = (await get("")).body;
  assert.deepEqual([status, refreshable], ["active", true]);
  assert.match(String(warnings), /^allow_sessions with grant=client_credentials: whoever reaches this broker gets/);
  const second = (await get("/token")).body.access_token;
  assert.ok(second !== undefined && second !== first);
  assert.deepEqual((await refuse(second)).body, { refreshed: true });
  const third = (await get("/token")).body.access_token;
  assert.notEqual(third, second);
  const asked = pair.as.to("/token");
  assert.equal(asked.length, 3, "nobody asks by the clock");
  for (const { form, headers } of asked) {
    assert.deepEqual(
      [form.get("grant_type"), form.get("scope"), form.getAll("resource")],
      ["client_credentials", "tools", [`${pair.as.origin}/mcp`]],
    );
    assert.match(String(headers.authorization), /^Basic /);
  }
  pair.as.reply("/token", oauthError("invalid_client", 401));
  await pair.pass(4_000_000);
  assert.deepEqual((await get("/token")).status, 503, "an operator's to mend");
  pair.as.behave("/token");
  await writeMcp(pair, pair.as, OWN, record);
  assert.equal((await get("/token")).status, 200);
});

test("MCP-G5 a record without a secret of its own, or without a URL, cannot sign in as itself; a refusal starts nothing", async (t) => {
  const pair = await startMcpPair(t);
  for (const [options, more] of [
    [OWN, { client_id: "agent" }],
    [OWN, {}],
    [
      { ...OWN, urls: "*" },
      { client_id: "agent", client_secret: "hush" },
    ],
  ] as const) {
    const { status, body } = await writeMcp(pair, pair.as, options, more);
    assert.equal(status, 400);
    assert.match(JSON.stringify(body), /needs client_id, client_secret or client_key, and url/);
  }
  await writeMcp(pair, pair.as, OWN, { client_id: "agent", client_secret: "hush" });
  pair.as.reply("/token", oauthError("unauthorized_client", 400));
  assert.equal((await pair.begin()).status, 400);
  const { body } = await ask(pair, "GET", "/v1/oauth2/sessions?list=true", { bearer: ROOT_TOKEN });
  assert.deepEqual(body.sessions ?? [], [], JSON.stringify(body));
});

test("MCP-G5 a record that gives the client's token to everybody is warned of when it is written, but for a person's own broker", async (t) => {
  const record = { client_id: "agent", client_secret: "hush" };
  const warned = async (more: object, options = {}) => {
    const pair = await startMcpPair(t, options);
    return JSON.stringify((await writeMcp(pair, pair.as, OWN, { ...record, ...more })).body?.warnings ?? []);
  };
  assert.match(await warned({}), /allow_sessions with grant=client_credentials: whoever reaches this broker gets/);
  assert.doesNotMatch(await warned({ allow_sessions: false }), /allow_sessions/);
  assert.doesNotMatch(await warned({}, { loopback: true }), /allow_sessions/);
});
