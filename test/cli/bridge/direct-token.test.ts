import assert from "node:assert/strict";
import { test } from "node:test";
import { withToken } from "../../../src/cli/bridge/server/direct-token.ts";
import { networkWay } from "../../../src/cli/bridge/server/network-way.ts";
import { json } from "../../servers/faults.ts";
import { startMcpPair } from "../../support/mcp/mcp-pair.ts";

test("MCP-B4 MCP-T1 --direct: the token goes to the server that the login is for, and to no other", async (t) => {
  const pair = await startMcpPair(t);
  pair.as.tokens.approved = true;
  const { body } = await pair.begin();
  await pair.pass(6_000);
  const [url, other] = [`${pair.as.origin}/mcp`, `${pair.as.origin}/other`];
  const session = String(body.session_id);
  const kept = { broker: pair.running.address, server: "tools", session, id: "", scopes: [] };
  const asked = async (address: string) => {
    const way = await networkWay(new URL(address), {}, false);
    t.after(way.close);
    const direct = await withToken(way, { name: "work", kept }, address);
    (await direct.send({ method: "POST", headers: {}, body: "{}" })).resume();
  };
  pair.as.reply("/mcp", json(200, {}));
  await asked(url);
  assert.match(String(pair.as.to("/mcp").at(-1)?.headers.authorization), /^Bearer access-token-/);
  await assert.rejects(asked(other), { message: `the login "work" is for ${url}, and its token goes nowhere else` });
  assert.equal(pair.as.to("/other").length, 0);
});
