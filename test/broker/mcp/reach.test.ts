import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { parseNetworks } from "../../../src/outbound/address-policy.ts";
import { policyFor } from "../../../src/outbound/reach.ts";
import { findTarget } from "../../../src/outbound/target.ts";
import type { Reach } from "../../../src/protocol/client.ts";
import { empty } from "../../servers/faults.ts";
import { startServer } from "../../servers/watched.ts";
import { startCoatcheck } from "../../support/coatcheck.ts";
import { beMcpServer, describeResource, writeMcp } from "../../support/mcp/mcp-pair.ts";
import { ask } from "../../support/sessions.ts";

/** A broker whose operator has allowed no network at all, and an MCP server on its own machine. */
async function alone(t: TestContext) {
  const coatcheck = await startCoatcheck(t, { networks: "" });
  const as = await startServer(t, () => coatcheck.clock.now());
  beMcpServer(as);
  return { ...coatcheck, as };
}

test("MCP-D9 whoever names a server of this machine may use it, and it may lead to others here; the grant goes on so", async (t) => {
  const pair = await alone(t);
  const other = await startServer(t, () => pair.clock.now());
  other.metadata = { code_challenge_methods_supported: ["S256"] };
  describeResource(pair.as, { authorization_servers: [other.issuer] });
  const written = await writeMcp(pair, pair.as);
  assert.ok(written.status < 300, JSON.stringify(written.body));
  const started = await ask(pair, "POST", "/sessions", { body: { server: "tools" } });
  assert.equal(started.status, 201, JSON.stringify(started.body));
  other.tokens.approved = true;
  await pair.pass(6_000);
  const bearer = String(started.body.session_id);
  const before = await ask(pair, "GET", "/session/token", { bearer });
  assert.equal(before.status, 200, JSON.stringify(before.body));
  await pair.pass(4_000_000);
  const after = await ask(pair, "GET", "/session/token", { bearer });
  assert.notEqual(after.body.access_token, before.body.access_token);
  const { body } = await ask(pair, "GET", "/session", { bearer });
  const url = `${pair.as.origin}/mcp`;
  assert.deepEqual([body.api_server, body.resource], [url, url]);
});

test("MCP-D9 a name that only a pattern fits allows nothing, nor does the metadata of somebody else", async (t) => {
  const pair = await alone(t);
  await writeMcp(pair, pair.as, { urls: "*" });
  const options = { url: `${pair.as.origin}/mcp` };
  const refused = await ask(pair, "POST", "/sessions", { body: { server: "tools", options } });
  assert.equal(refused.status, 400, JSON.stringify(refused.body));
  assert.equal(pair.as.requests.length, 0);
});

test("MCP-D9 the host that was named may be anywhere over https, over http only where somebody says so, and no other host may", async () => {
  const networks = { "mcp.corp.example": "10.1.2.3", "evil.example": "10.1.2.3", localhost: "127.0.0.1" } as const;
  const resolve = async (host: string) => [networks[host as keyof typeof networks] ?? "10.9.9.9"];
  const may = async (url: string, reach: Reach) => {
    const policy = policyFor(parseNetworks(""), reach, url);
    return findTarget(url, policy, resolve).then(
      () => true,
      () => false,
    );
  };
  const named = { host: "mcp.corp.example", loopback: false, http: false };
  assert.equal(await may("https://mcp.corp.example/mcp", named), true);
  assert.equal(await may("http://mcp.corp.example/mcp", named), false);
  assert.equal(await may("http://mcp.corp.example/mcp", { ...named, http: true }), true);
  assert.equal(await may("http://127.0.0.1:8080/mcp", { ...named, http: true }), false);
  assert.equal(await may("https://evil.example/token", named), false);
  assert.equal(await may("https://auth.mcp.corp.example/token", named), false);
  const here = { host: "localhost", loopback: true, http: false };
  assert.equal(await may("http://localhost:8080/mcp", here), true);
  assert.equal(await may("http://127.0.0.1:9090/token", here), true);
  assert.equal(await may("https://evil.example/token", here), false);
});

test("MCP-D9 an authorization server inside a network, named by an MCP server that may be asked, is asked by nobody", async (t) => {
  const pair = await alone(t);
  for (const issuer of [
    "https://10.0.0.1",
    "https://192.168.1.1/tenant",
    "https://[fd00::1]",
    "http://169.254.169.254",
  ]) {
    describeResource(pair.as, { authorization_servers: [issuer] });
    const { status, body } = await writeMcp(pair, pair.as);
    assert.deepEqual([status, body?.errors?.length], [502, 1], issuer);
    const [text = ""] = body?.errors ?? [];
    assert.match(text, /the authorization server's metadata \(GET \S+\) cannot be reached: .* not public/, issuer);
  }
});

test("MCP-D1 a challenge of 10 MB is not read to its end, and told in one sentence", async (t) => {
  const pair = await alone(t);
  pair.as.reply("/mcp", empty(401, { "www-authenticate": `Bearer scope="${"a".repeat(10_000_000)}"` }));
  const { status, body } = await writeMcp(pair, pair.as);
  assert.deepEqual([status, body?.errors?.length], [400, 1]);
  assert.match(
    String(body?.errors?.[0]),
    /^option "url": the MCP server \(POST \S+\) answered with more than is read$/,
  );
});
