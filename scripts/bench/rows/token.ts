import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { portOf } from "../../../test/servers/free-port.ts";
import { type Bench, inTurns, median, type Row } from "../bench.ts";
import { atMost, type Figure } from "../report.ts";

function environment(home: string): Record<string, string> {
  const folders = { XDG_STATE_HOME: "state", XDG_CONFIG_HOME: "config", XDG_RUNTIME_DIR: "run" };
  const paths = Object.entries(folders).map(([name, folder]) => [name, join(home, folder)]);
  return { PATH: process.env.PATH ?? "", HOME: home, ...Object.fromEntries(paths) };
}

/** An agent that knows one login and has its token. */
async function startAgent(bench: Bench, env: Record<string, string>): Promise<void> {
  const broker = createServer((_request, response) => {
    response.setHeader("content-type", "application/json");
    response.end('{"access_token":"a-token-of-the-bench","token_type":"Bearer","expires_in":3600}');
  });
  await new Promise<void>((done) => broker.listen(0, "127.0.0.1", done));
  bench.defer(() => {
    broker.close();
    broker.closeAllConnections();
  });
  const state = join(env.XDG_STATE_HOME ?? "", "coatcheck");
  for (const path of [state, env.XDG_RUNTIME_DIR ?? ""]) mkdirSync(path, { recursive: true, mode: 0o700 });
  const address = `http://127.0.0.1:${portOf(broker)}`;
  const session = { broker: address, server: "bench", session: "ccs_bench", id: "bench", scopes: [] };
  const sessions = JSON.stringify({ version: 1, sessions: { bench: session } });
  writeFileSync(join(state, "sessions.json"), sessions, { mode: 0o600 });
  const args = [bench.bin, "agent", "--foreground"];
  const agent = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "inherit"] });
  bench.defer(() => void agent.kill());
  await once(agent.stdout, "data");
  // The broker is this process, which is busy while it waits for a child: the first question is asked without waiting.
  await once(spawn(process.execPath, [bench.bin, "token"], { env }), "exit");
}

async function run(bench: Bench): Promise<readonly Figure[]> {
  const env = environment(bench.folder());
  await startAgent(bench, env);
  const time = (args: readonly string[]) => async () => {
    const from = performance.now();
    const { status, stderr } = spawnSync(process.execPath, args, { env });
    if (status !== 0) throw new Error(stderr.toString());
    return performance.now() - from;
  };
  const works = [time(["-e", "0"]), time([bench.bin, "token"])];
  const [bare = 0, token = 0] = (await inTurns(bench.pick(101, 31), works)).map(median);
  return [
    {
      ...{ what: "`coatcheck token`", value: token, unit: "ms", limit: { what: "`node -e 0`", value: bare } },
      wanted: atMost(token / bare, 1.3, "<= 1.3"),
    },
  ];
}

export const tokenRow: Row = {
  name: "token",
  title: "A token from a warm agent",
  how: "Whole processes by the clock, medians, in turns.",
  run,
};
