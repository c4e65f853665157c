import assert from "node:assert/strict";
import { test } from "node:test";
import { startMcpPair } from "../../support/mcp/mcp-pair.ts";
import { ask } from "../../support/sessions.ts";
import { whileTimePasses } from "../../support/while-time-passes.ts";

test("a program without a token may name the MCP server where its record says so: only of the public ones, with a standard's paths alone", async (t) => {
  const pair = await startMcpPair(t, { options: { urls: "*" } });
  const named = (url: string) => ({ server: "tools", options: { url } });
  const start = (url: string) => ask(pair, "POST", "/sessions", { body: named(url) });
  const { status, body } = await whileTimePasses(pair, start(`${pair.as.origin}/mcp`));
  assert.equal(status, 502, JSON.stringify(body));
  assert.match(String(body.error_description), /^no login can be begun at this MCP server: it cannot be reached/);
  assert.equal(pair.as.requests.length, 0, "a private address is not asked");
  for (const odd of ["mcp.example.com", "https://u:p@mcp.example.com/mcp", "file:///mcp", ""]) {
    const refused = await start(odd);
    assert.equal(refused.status, 400, odd);
    assert.match(String(refused.body.error_description), /^option "url": /);
  }
});

test("a name that the operator lists is the operator's: its server may be in a network that is allowed", async (t) => {
  const pair = await startMcpPair(t);
  const { host, origin } = new URL(pair.as.origin);
  const record = { provider: "mcp", provider_options: { urls: `*, ${host}` }, allow_sessions: true };
  assert.ok((await pair.write("oauth2/servers/tools", record)).status < 300);
  const started = await pair.begin({ url: `${origin}/mcp` });
  assert.equal(started.status, 201, JSON.stringify(started.body));
  assert.equal(started.body.api_server, `${origin}/mcp`);
});
