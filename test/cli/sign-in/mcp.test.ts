import assert from "node:assert/strict";
import { test } from "node:test";
import { addServer, serverOf } from "../../../src/cli/sign-in/homeserver.ts";
import { recordOf, type ServerFlags } from "../../../src/cli/sign-in/server-flags.ts";
import { approve } from "../../support/matrix/homeserver.ts";
import { startMcpPair } from "../../support/mcp/mcp-pair.ts";
import { mcpServerFor } from "../../support/mcp/mcp-server.ts";
import { person } from "../../support/person/person.ts";
import { said } from "../../support/process.ts";
import { ROOT_TOKEN } from "../../support/request.ts";

test("MCP-L7 login at an MCP server of one's own machine by its URL alone, with a way out that is kept in its record", async (t) => {
  const server = await mcpServerFor(t, { scopes: ["tools:read"] });
  // Nothing is configured: naming a server of this machine allows it.
  const alice = person(t);
  const back = "http://127.0.0.1:8299/back";
  const record = ["--resource", server.url, "--auth-param", "audience=x=y", "--redirect-uri", back];
  const login = alice.start(["login", server.url, "--no-qr", ...record]);
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
  assert.match(shown, new RegExp(`"redirect_uri": ?"${back}"`));
});

test("MCP-L7 MCP-R1 what is said of a server by options is what its record says", async () => {
  assert.equal(await recordOf({}), undefined);
  const flags: ServerFlags = { clientId: "c", resource: false, authParam: ["a=b", "c=d=e"], useIdToken: true };
  const options = { no_resource: "true", auth_params: '{"a":"b","c":"d=e"}', use_id_token: "true" };
  assert.deepEqual(await recordOf(flags), { client: { client_id: "c" }, options, forMcp: true });
  const redirectUri = "http://127.0.0.1:1/back";
  const anywhere = await recordOf({ redirectUri });
  assert.deepEqual(anywhere, { client: { redirect_uri: redirectUri }, options: {}, forMcp: false });
  await assert.rejects(recordOf({ authParam: ["=b"] }), /give --auth-param key=value/);
  await assert.rejects(addServer({ server: "github" }, anywhere), /give it to coatcheck server add/);
  await assert.rejects(recordOf({ clientSecretFile: "f" }), /needs --client-id/);
});

test("MCP-G5 login where the client signs in as itself shows nothing to open, and is there at once", async (t) => {
  const record = { client_id: "agent", client_secret: "hush" };
  const { running } = await startMcpPair(t, { options: { grant: "client_credentials" }, record });
  const alice = person(t, { COATCHECK_ADDR: running.address });
  const { code, err } = await alice.run(["login", "tools"]);
  assert.equal(code, 0, err);
  assert.match(err, /^✓ signed in; refreshed automatically; session in \S+\n/);
  // Whoever wrote the record has long forgotten what was said then.
  const everybody = /allow_sessions with grant=client_credentials: whoever reaches this broker gets the client's token/;
  assert.match(err, everybody);
  const status = await alice.run(["status", "tools"]);
  assert.match(status.err, everybody);
  assert.equal(status.code, 0);
  const doctor = await alice.run(["doctor"], { env: { COATCHECK_OPERATOR_TOKEN: ROOT_TOKEN } });
  assert.match(doctor.out, new RegExp(`ok {3}server {4}server tools: ${everybody.source}`));
});

test("MCP-B3 at a shared broker the URL of an MCP server means the record that is named by its host and path", () => {
  const shared = "https://broker.example.com";
  assert.deepEqual(serverOf("https://mcp.example.com/mcp", shared), { server: "mcp.example.com-mcp" });
  assert.deepEqual(serverOf("github", shared), { server: "github" });
});
