import assert from "node:assert/strict";
import { test } from "node:test";
import { recordOf, type ServerFlags } from "../../../src/cli/sign-in/server-flags.ts";
import { approve } from "../../support/matrix/homeserver.ts";
import { mcpServerFor } from "../../support/mcp/mcp-server.ts";
import { person } from "../../support/person/person.ts";
import { said } from "../../support/process.ts";

test("MCP-L7 login at an MCP server of one's own machine by its URL alone, with a way out that is kept in its record", async (t) => {
  const server = await mcpServerFor(t, { scopes: ["tools:read"] });
  // Nothing is configured: naming a server of this machine allows it.
  const alice = person(t);
  const login = alice.start(["login", server.url, "--no-qr", "--resource", server.url, "--auth-param", "audience=x=y"]);
  const [, uri = "", code = ""] = await said(login, /Open: {2}(\S+)\n {2}Code: {2}(\S+)/);
  await approve(`${uri}?user_code=${code}`);
  assert.equal(await login.ended, 0, login.stderr());
  const token = (await alice.run(["token", server.url])).out.trim();
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" });
  assert.equal((await fetch(server.url, { method: "POST", headers, body })).status, 200);
  const [name = ""] = (await alice.run(["server", "list"])).out.split("\n");
  const shown = (await alice.run(["server", "show", name, "--json"])).out;
  assert.match(shown, /"auth_params": ?"\{\\"audience\\":\\"x=y\\"\}"/);
});

test("MCP-L7 MCP-R1 what is said of a server by options is what its record says", () => {
  assert.equal(recordOf({}), undefined);
  const flags: ServerFlags = { clientId: "c", resource: false, authParam: ["a=b", "c=d=e"], useIdToken: true };
  const options = { no_resource: "true", auth_params: '{"a":"b","c":"d=e"}', use_id_token: "true" };
  assert.deepEqual(recordOf(flags), { client: { client_id: "c" }, options });
  assert.throws(() => recordOf({ authParam: ["=b"] }), /give --auth-param key=value/);
  assert.throws(() => recordOf({ clientSecretFile: "f" }), /needs --client-id/);
});
