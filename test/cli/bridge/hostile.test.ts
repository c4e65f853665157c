import assert from "node:assert/strict";
import { test } from "node:test";
import { retryPause } from "../../../src/cli/bridge/server/session.ts";
import { scriptedServer, withNotifications } from "../../servers/mcp/scripted.ts";
import { bridgeTo, HELLO } from "./in-process.ts";

test("ST-47 an agent reaches a denied tool by no way of writing its call", async (t) => {
  const { url, calls } = await scriptedServer(
    t,
    withNotifications(() => ({ result: HELLO })),
  );
  const { ask, send, message, said } = bridgeTo(t, url, { flags: { "--deny-tools": ["drop"] } });
  await ask("initialize", HELLO);
  send('{"jsonrpc":"2.0","method":"tools/call","params":{"name":"drop"}}');
  send('{"jsonrpc":"2.0","id":"a","method":"tools/call","params":{"name":"drop","name":"get"}}');
  send('{"jsonrpc":"2.0","id":"b","method":"tools/call","params":{"name":["drop"]}}');
  send('[{"jsonrpc":"2.0","id":"c","method":"tools/call","params":{"name":"get","Name":"drop"}}]');
  for (const id of ["a", "b", "c"]) assert.equal((await message((one) => one.id === id)).error.code, -32602);
  assert.deepEqual((await ask("tools/call", { name: "get" })).result, HELLO);
  assert.deepEqual(calls(), ["initialize", "tools/call"]);
  assert.deepEqual(said, ['the tool "drop" is not allowed here']);
});

test("ST-48 an answer that cannot be written, or is another request's, is an error for its request", async (t) => {
  const deep = `${"[".repeat(50_000)}${"]".repeat(50_000)}`;
  const { url } = await scriptedServer(
    t,
    withNotifications(({ body: { id, method } }) => {
      if (method === "tools/list") return { text: `{"jsonrpc":"2.0","id":${id},"result":{"tools":${deep}}}` };
      return method === "x/other" ? { json: { jsonrpc: "2.0", id: "other", result: {} } } : { result: HELLO };
    }),
  );
  const { ask, said } = bridgeTo(t, url);
  await ask("initialize", HELLO);
  assert.deepEqual((await ask("tools/list")).result.tools, []);
  assert.deepEqual(said, ["the server's answer cannot be read"]);
  assert.equal((await ask("x/other")).error.data.coatcheck.reason, "stream_broken");
  assert.deepEqual((await ask("x/third")).result, HELLO);
});

test("ST-48 a server that wants to be asked again at once is not asked without a pause", () => {
  const pauses = [{ retry: 0 }, { retry: 500 }, {}].map((position) => retryPause(position, 1_000));
  assert.deepEqual(pauses, [100, 500, 1_000]);
});
