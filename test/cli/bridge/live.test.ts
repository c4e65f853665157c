import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { serverNameOf } from "../../../src/mcp/server-name.ts";
import { BIN } from "../../support/bin.ts";
import { eventually } from "../../support/eventually.ts";
import { mcpServerFor } from "../../support/mcp/mcp-server.ts";
import { type Person, person } from "../../support/person/person.ts";
import { Visitor } from "../../support/person/visitor.ts";

/** An agent of the official SDK, whose server is `coatcheck mcp URL` in a process of its own. */
async function agentOf(t: TestContext, { env }: Person, url: string, version?: string) {
  const pinned = version === undefined ? {} : { versionNegotiation: { mode: { pin: version } } };
  const client = new Client({ name: "agent", version: "1" }, pinned);
  t.after(() => client.close());
  await client.connect(
    new StdioClientTransport({ command: process.execPath, args: [BIN, "mcp", url], env, stderr: "ignore" }),
  );
  const call = async (name: string, args: Record<string, unknown> = {}) => {
    const { content } = await client.callTool({ name, arguments: args });
    return (content as { text: string }[])[0]?.text ?? "";
  };
  const listed = async () => (await client.listTools()).tools.map(({ name }) => name);
  return { listed, call };
}

function addressIn(text: string): string {
  const [, address] = /Open (http\S+), then call this tool again/.exec(text) ?? [];
  assert.ok(address !== undefined, text);
  return address;
}

/** All that lies in the files of a folder, but for those of the broker. */
function filesIn(folder: string): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true });
  const own = files.filter((file) => file.isFile() && !file.parentPath.includes("/coatcheck/broker"));
  return own.map(({ parentPath, name }) => readFileSync(join(parentPath, name), "utf8")).join("\n");
}

test("MCP-B3, MCP-B4, MCP-B5, MCP-L5 three agents of the SDK sign in from inside, once for all, and outlive a session and a broker that die", async (t) => {
  const never = Promise.withResolvers<object>();
  const begun = Promise.withResolvers<void>();
  let forgotten = 0;
  const server = await mcpServerFor(t, {
    device: false,
    person: "ada",
    scopes: ["tools:read"],
    tools: [
      { name: "echo" },
      { name: "admin", scope: "tools:admin" },
      {
        name: "slow",
        call: () => {
          begun.resolve();
          return never.promise;
        },
      },
    ],
    intercept: ({ message, headers }, response) => {
      if (forgotten !== 1 || message.method !== "tools/call" || headers["mcp-session-id"] === undefined) return false;
      forgotten += 1;
      response.writeHead(404).end();
      return true;
    },
  });
  const ada = person(t);
  // Several tests run at once on one machine: a port of its own for each.
  const record = [
    "--provider",
    "mcp",
    "--option",
    `url=${server.url}`,
    "--redirect-uri",
    "http://127.0.0.1:0/callback",
  ];
  const added = await ada.run(["server", "add", serverNameOf(server.url), ...record]);
  assert.equal(added.code, 0, added.err);
  const versions = [undefined, undefined, "2026-07-28"];
  const agents = await Promise.all(versions.map((version) => agentOf(t, ada, server.url, version)));
  const [first] = agents as [(typeof agents)[0]];
  for (const { listed } of agents) assert.deepEqual(await listed(), ["sign_in"]);

  const addresses = (await Promise.all(agents.map(({ call }) => call("echo")))).map(addressIn);
  assert.equal(new Set(addresses).size, 1, "one login for all");
  await new Visitor().open(addresses[0] ?? "");
  for (const { call, listed } of agents) {
    await eventually("its call goes through", async () => (await call("echo", { a: 1 })) === '{"a":1}');
    assert.deepEqual(await listed(), ["echo", "admin", "slow"]);
  }

  // What a tool wants beside that is asked for when it is called; until then the others go on.
  const more = addressIn(await first.call("admin"));
  const scopes = new URL(more).searchParams.get("scope")?.split(" ");
  assert.deepEqual(scopes, ["tools:read", "offline_access", "tools:admin"]);
  assert.equal(await first.call("echo", { b: 2 }), '{"b":2}');
  await new Visitor().open(more);
  await eventually("its call goes through", async () => (await first.call("admin")) === "{}");

  forgotten = 1;
  assert.equal(await first.call("echo", { c: 3 }), '{"c":3}');
  assert.equal(forgotten, 2);

  const cut = assert.rejects(first.call("slow"), /may have been carried out or not/);
  await begun.promise;
  const pid = Number(readFileSync(join(ada.home, "state/coatcheck/broker/coatcheck.db.pid"), "utf8"));
  process.kill(pid, "SIGKILL");
  await cut;
  // A process that dies closes its connections one by one: what was sent meanwhile on another one was in flight as well.
  const isThrough = (told: string) => told === '{"d":4}';
  for (const { call } of agents) {
    await eventually("its next call goes through", () => call("echo", { d: 4 }).then(isThrough, () => false));
  }
  never.resolve({});

  const sent = server.requests.filter(({ headers }) => headers.authorization !== undefined);
  const senders = new Set(sent.map(({ headers }) => headers["user-agent"]));
  assert.deepEqual([...senders], ["Coatcheck"], "the broker alone has a token");
  const kept = filesIn(ada.home);
  for (const { headers } of sent) assert.ok(!kept.includes(headers.authorization?.slice("Bearer ".length) ?? ""));
});
