import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { test } from "node:test";
import { liveUntil } from "../../../src/cli/bridge/life.ts";
import { isAlive } from "../../../src/cli/connect/own-broker-state.ts";
import { scriptedServer, withNotifications } from "../../servers/mcp/scripted.ts";
import { BIN } from "../../support/bin.ts";
import { eventually } from "../../support/eventually.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { HELLO } from "./in-process.ts";

/** That it ends at all, on a machine that has other things to do; the 2 s are asked of the clock below. Milliseconds. */
const LONGEST = 30_000;

test("MCP-B5 the bridge is gone 2 s after its input's end, a signal or its parent's death, though nothing under way ever ends", async () => {
  const ends = {
    input: ({ input }: Stage) => input.resolve(),
    signal: ({ signals }: Stage) => signals.forEach((leave) => void leave()),
    parent: (stage: Stage) => {
      stage.parent = 1;
    },
  };
  for (const [name, end] of Object.entries(ends)) {
    const clock = new FakeClock();
    const input = Promise.withResolvers<void>();
    const stage: Stage = { input, signals: [], parent: 7, exits: 0 };
    const life = {
      clock,
      parent: () => stage.parent,
      onSignal: (leave: () => void) => void stage.signals.push(leave),
      exit: () => {
        stage.exits += 1;
      },
    };
    liveUntil(
      input.promise,
      () => true,
      () => new Promise(() => {}),
      life,
    );
    clock.advance(10_500);
    assert.equal(stage.exits, 0, name);
    end(stage);
    await new Promise(setImmediate);
    clock.advance(2_000);
    assert.equal(stage.exits, 1, name);
  }
});

interface Stage {
  readonly input: PromiseWithResolvers<void>;
  readonly signals: (() => void)[];
  parent: number;
  exits: number;
}

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
