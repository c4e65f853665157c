import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { McpServer, McpServerOptions } from "../../servers/mcp/mcp-server.ts";
import { type Coatcheck, type CoatcheckOptions, startCoatcheck } from "../../support/coatcheck.ts";
import { approve, authorize } from "../../support/matrix/homeserver.ts";
import { mcpServerFor } from "../../support/mcp/mcp-server.ts";
import { ask } from "../../support/sessions.ts";

interface Meeting extends Coatcheck {
  readonly server: McpServer;
}

/** A broker and an MCP server behind a real provider, with the server record `tools`. */
async function meet(t: TestContext, options: McpServerOptions = {}, more: CoatcheckOptions = {}): Promise<Meeting> {
  const coatcheck = await startCoatcheck(t, more);
  const server = await mcpServerFor(t, { now: () => coatcheck.clock.now(), ...options });
  const record = { provider: "mcp", provider_options: { url: server.url }, allow_sessions: true };
  const written = await coatcheck.write("oauth2/servers/tools", record);
  assert.ok(written.status < 300, JSON.stringify(written.body));
  return { ...coatcheck, server };
}

function call({ url }: McpServer, method: string, token: unknown, params = {}) {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
  return fetch(url, { method: "POST", headers, body });
}

test("MCP-L4 a login by device code at an MCP server of which only the URL is known; each request names the resource", async (t) => {
  const pair = await meet(t, { scopes: ["tools:read"] });
  const { server } = pair;
  const started = await ask(pair, "POST", "/sessions", { body: { server: "tools" } });
  assert.equal(started.status, 201, JSON.stringify(started.body));
  await approve(String(started.body.verification_uri_complete));
  await pair.pass(6_000);
  const bearer = String(started.body.session_id);
  const read = await ask(pair, "GET", "/session/token", { bearer });
  assert.equal(read.status, 200, JSON.stringify(read.body));
  assert.equal((await call(server, "tools/list", read.body.access_token)).status, 200);
  // The refresh names it as well: the server takes no token that is for somebody else.
  await pair.pass(70_000);
  const later = await ask(pair, "GET", "/session/token", { bearer });
  assert.notEqual(later.body.access_token, read.body.access_token);
  assert.equal((await call(server, "tools/list", later.body.access_token)).status, 200);
});

test("MCP-L4 the same by the code flow, with the broker's page", async (t) => {
  const pair = await meet(t, { scopes: ["tools:read"] }, { publicUrl: "https://coatcheck.example.com" });
  const link = await pair.write("oauth2/auth-code-url", { server: "tools", name: "me" });
  assert.equal(link.status, 200, JSON.stringify(link.body));
  const url = String(link.body?.data?.url);
  const asked = new URL(url).searchParams;
  assert.deepEqual([asked.get("resource"), asked.get("scope")], [pair.server.url, "tools:read offline_access"]);
  const back = await authorize(url, "https://coatcheck.example.com/v1/oauth2/callback");
  const { pathname, search } = new URL(back);
  assert.equal(pathname, new URL(asked.get("redirect_uri") ?? "").pathname);
  const answered = await fetch(`${pair.running.address}${pathname}${search}`);
  assert.equal(answered.status, 200, await answered.text());
  const read = await pair.read("oauth2/creds/me");
  assert.equal((await call(pair.server, "tools/list", read.body?.data?.access_token)).status, 200);
});
