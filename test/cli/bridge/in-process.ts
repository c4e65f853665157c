import type { TestContext } from "node:test";
import type { AgentSide } from "../../../src/cli/bridge/agent-side.ts";
import type { BridgeFlags } from "../../../src/cli/bridge/bridge-flags.ts";
import { createBridge } from "../../../src/cli/bridge/run-bridge.ts";
import { type Clock, systemClock } from "../../../src/process/clock.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

// biome-ignore lint/suspicious/noExplicitAny: a test reads what it is answered
type Answer = any;

/** A bridge in this process, whose agent is the test. A folder of state can be shared by several. */
export function bridgeTo(
  t: TestContext,
  url: string,
  {
    flags = {},
    clock = systemClock,
    state = temporaryFolder(t),
  }: { flags?: BridgeFlags; clock?: Clock; state?: string } = {},
) {
  process.env.XDG_STATE_HOME = state;
  process.env.XDG_CONFIG_HOME = state;
  process.env.XDG_RUNTIME_DIR = state;
  const lines: string[] = [];
  const said: string[] = [];
  const waiting = new Set<() => void>();
  const agent: AgentSide = {
    write(line) {
      lines.push(line);
      for (const look of waiting) look();
      return Promise.resolve();
    },
    say: (text) => void said.push(text),
    read: () => Promise.resolve(),
  };
  const bridge = createBridge(url, flags, agent, clock);
  t.after(() => bridge.end());
  /** The first message that fits, of those that have come and those that come. */
  const message = (fits: (message: Answer) => boolean): Promise<Answer> =>
    new Promise((resolve) => {
      const look = () => {
        const found = lines.map((line) => JSON.parse(line)).find(fits);
        if (found === undefined) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  const send = (sent: object | string) => bridge.receive(typeof sent === "string" ? sent : JSON.stringify(sent));
  let id = 0;
  const ask = (method: string, params: object = {}, given?: string | number) => {
    id += 1;
    const own = given ?? id;
    send({ jsonrpc: "2.0", id: own, method, params });
    return message((one) => one.id === own && one.method === undefined);
  };
  return { bridge, lines, said, message, send, ask, state };
}

/** What a modern request says of itself. */
export function modernMeta(capabilities: object = {}, more: object = {}) {
  return {
    _meta: {
      "io.modelcontextprotocol/protocolVersion": "2026-07-28",
      "io.modelcontextprotocol/clientInfo": { name: "test", version: "1" },
      "io.modelcontextprotocol/clientCapabilities": capabilities,
      ...more,
    },
  };
}

export const HELLO = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "test", version: "1" } };
