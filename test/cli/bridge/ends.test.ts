import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { test } from "node:test";
import { isAlive } from "../../../src/cli/connect/own-broker-state.ts";
import { scriptedServer, withNotifications } from "../../servers/mcp/scripted.ts";
import { BIN } from "../../support/bin.ts";
import { eventually } from "../../support/eventually.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { HELLO } from "./in-process.ts";

/** Milliseconds; what is promised is 2 s, on a machine that has nothing else to do. */
const LONGEST = 8_000;

const INITIALIZE = `${JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params: HELLO })}\n`;

/** What a shell does that stands between the agent and the bridge, and passes nothing on. */
const SHELL = 'exec 3<&0; "$0" "$@" <&3 & echo "$!" >&2; wait';

test("MCP-B5 the bridge ends with its input, SIGTERM, a closed output and its parent's death, and takes leave of the server", async (t) => {
  const { url, seen } = await scriptedServer(
    t,
    withNotifications(({ method, body }) => {
      if (method === "DELETE") return { status: 204 };
      if (method === "GET") return { status: 405 };
      const session = { "mcp-session-id": "of-the-server" };
      if (body?.method !== "initialize") return { result: {} };
      return { headers: session, result: { ...HELLO, capabilities: {}, serverInfo: {} } };
    }),
  );
  const home = temporaryFolder(t);
  const env = { PATH: process.env.PATH ?? "", HOME: home, XDG_STATE_HOME: home, XDG_RUNTIME_DIR: home };
  const begin = async (command: string, args: readonly string[]) => {
    const child = spawn(command, args, { env, stdio: "pipe" });
    t.after(() => child.kill("SIGKILL"));
    const { stdin, stdout, stderr } = child as { stdin: Writable; stdout: Readable; stderr: Readable };
    stdin.on("error", () => {});
    stdin.write(INITIALIZE);
    let said = "";
    stderr.on("data", (text) => {
      said += text;
    });
    await once(stdout, "data");
    return { child, stdin, stdout, pid: Number(/\d+/.exec(said)?.[0] ?? child.pid) };
  };
  const bridge = [BIN, "mcp", url];
  const ends: Record<string, (one: Awaited<ReturnType<typeof begin>>) => unknown> = {
    input: ({ stdin }) => stdin.end(),
    SIGTERM: ({ child }) => child.kill("SIGTERM"),
    output: ({ stdin, stdout }) => {
      stdout.destroy();
      stdin.write('{"jsonrpc":"2.0","id":2,"method":"ping"}\n');
    },
  };
  const direct = Object.entries(ends).map(async ([name, end]) => {
    const one = await begin(process.execPath, bridge);
    end(one);
    await eventually(`an end by ${name}`, () => !isAlive(one.pid), LONGEST);
    assert.deepEqual([one.child.exitCode, one.child.signalCode], [0, null], name);
  });
  const inShell = async () => {
    const { child, pid } = await begin("/bin/sh", ["-c", SHELL, process.execPath, ...bridge]);
    assert.notEqual(pid, child.pid);
    child.kill("SIGKILL");
    await eventually("an end after its parent's", () => !isAlive(pid), LONGEST);
  };
  await Promise.all([...direct, inShell()]);
  const left = seen.filter(({ method }) => method === "DELETE").map(({ headers }) => headers["mcp-session-id"]);
  assert.deepEqual(left, Array(4).fill("of-the-server"));
});
