import assert from "node:assert/strict";
import { createServer } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { withToken } from "../../../src/cli/bridge/server/direct-token.ts";
import { networkWay } from "../../../src/cli/bridge/server/network-way.ts";
import { socketWay } from "../../../src/cli/bridge/server/way.ts";
import { json } from "../../servers/faults.ts";
import { startMcpPair } from "../../support/mcp/mcp-pair.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

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

test("MCP-B10 through a broker what an old server is posted goes to the broker's own path, with the name of its stream", async (t) => {
  const seen: (string | undefined)[] = [];
  const broker = createServer((request, response) => {
    seen.push(request.url);
    response.writeHead(202).end();
  });
  const socket = join(temporaryFolder(t), "s");
  await new Promise<void>((done) => broker.listen(socket, done));
  const way = socketWay(socket, "/mcp/tools", {});
  t.after(() => {
    way.close();
    broker.close();
  });
  const post = (url: string) => way.send({ method: "POST", headers: {}, body: "{}", url });
  (await post("?coatcheck-endpoint=1")).resume();
  await assert.rejects(post("/v1/sys/health"), /an address that is not its own/);
  assert.deepEqual(seen, ["/mcp/tools?coatcheck-endpoint=1"]);
});
