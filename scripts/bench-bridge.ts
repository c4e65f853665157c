import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { Agent } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { startMisbehavingServer } from "../test/servers/misbehaving-server.ts";
import { callBy, median, processorMs, startBroker } from "./bench-broker.ts";
import { buildCommand } from "./build.ts";

/**
 * `npm run bench:bridge [STARTS] [CALLS]`: what `coatcheck mcp` of the package costs (MCP-B7). Its start, until the first answer is
 * there, beside `node -e 0` and a round trip to the server; and a call beside the same call without it, over HTTP by a kept
 * connection. Broker, server and bridge are processes of their own, on one machine without TLS; all is done in turns. Fails where
 * more is taken than is promised.
 */
const [starts = 61, calls = 2_000] = process.argv.slice(2).map(Number);

/** MCP-B7: times `node -e 0`, and milliseconds. */
const START_TARGET = 2;
const CALL_TARGET = 2;

/** Calls of one kind in a row: enough that processor time can be told. */
const TURN = 100;

const TOKEN = "bench-root-token-0123456789";

const SERVER = `let connections = 0;
require("node:http").createServer((request, response) => {
  let text = "";
  request.setEncoding("utf8").on("data", (part) => { text += part; }).on("end", () => {
    const { id, method } = text === "" ? {} : JSON.parse(text);
    if (request.url === "/connections") return response.end(String(connections));
    if (request.method !== "POST") return response.writeHead(405).end();
    if (id === undefined) return response.writeHead(202).end();
    const begun = { protocolVersion: "2025-11-25", capabilities: { tools: {} }, serverInfo: { name: "bench", version: "1" } };
    const result = method === "initialize" ? begun : { content: [{ type: "text", text: "hello" }] };
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ jsonrpc: "2.0", id, result }));
  });
}).on("connection", () => { connections += 1; }).listen(0, "127.0.0.1", function () { console.log(this.address().port); });`;

const CLIENT = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "bench", version: "1" } };
const INITIALIZE = JSON.stringify({ jsonrpc: "2.0", id: 0, method: "initialize", params: CLIENT });
const ANNOUNCE = JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" });
const callText = (id: number) =>
  JSON.stringify({ jsonrpc: "2.0", id, method: "tools/call", params: { name: "hello", arguments: { count: id } } });

type Child = ChildProcessByStdio<Writable, Readable, null>;

const folder = mkdtempSync(join(tmpdir(), "coatcheck-bench-"));
const home = join(folder, "home");
const state = join(home, "state/coatcheck");
const socket = join(folder, "broker.sock");
const env = {
  PATH: process.env.PATH ?? "",
  HOME: home,
  XDG_STATE_HOME: join(home, "state"),
  XDG_CONFIG_HOME: join(home, "config"),
  XDG_RUNTIME_DIR: join(home, "run"),
};
const bin = join(folder, "coatcheck/bin/coatcheck.js");

const children = new Set<Child>();
process.once("exit", () => {
  for (const child of children) child.kill("SIGKILL");
});

function begin(args: readonly string[]): Child {
  const child = spawn(process.execPath, args, { env, stdio: ["pipe", "pipe", "inherit"] });
  children.add(child);
  child.once("exit", () => children.delete(child));
  return child;
}

/** The next line, which no other comes behind. */
async function lineOf({ stdout }: Child): Promise<string> {
  let text = "";
  while (!text.endsWith("\n")) text += (await once(stdout, "data"))[0];
  return text;
}

/** What one took: by the clock, and of the processor. Milliseconds. */
interface Spent {
  readonly clock: number;
  readonly processor: number;
}

/** Of a whole process, which `until` answers for. */
async function startOf(args: readonly string[], until: (child: Child) => Promise<unknown>): Promise<Spent> {
  const [before, from] = [processorMs("self", { ofChildren: true }), performance.now()];
  const child = begin(args);
  const ended = once(child, "exit");
  await until(child);
  const clock = performance.now() - from;
  child.kill("SIGKILL");
  await ended;
  return { clock, processor: processorMs("self", { ofChildren: true }) - before };
}

const as = await startMisbehavingServer();
const server = begin(["-e", SERVER]);
const origin = `http://127.0.0.1:${(await lineOf(server)).trim()}`;
const { child: broker, base } = await startBroker(join(folder, "data"), TOKEN, "warn", socket);
try {
  await buildCommand(join(folder, "coatcheck"));
  symlinkSync(join(import.meta.dirname, "../node_modules"), join(folder, "coatcheck/node_modules"));
  for (const path of [state, join(home, "run")]) mkdirSync(path, { recursive: true, mode: 0o700 });
  const agent = new Agent({ keepAlive: true });
  const call = callBy(agent);
  as.tokens.approved = true;
  as.tokens.interval = 1;
  const provider_options = { token_url: `${as.issuer}/token`, device_code_url: `${as.issuer}/device` };
  const record = { provider: "custom", client_id: "c", provider_options, proxy_apis: { mcp: `${origin}/mcp` } };
  await call(`${base}/v1/oauth2/servers/as`, "PUT", { "x-vault-token": TOKEN }, JSON.stringify(record));
  const begun = await call(`${base}/sessions`, "POST", { authorization: `Bearer ${TOKEN}` }, '{"server":"as"}');
  const { session_id: session } = JSON.parse(begun);
  const authorization = `Bearer ${session}`;
  await call(`${base}/session?wait=30`, "GET", { authorization });
  const kept = { broker: `unix:${socket}`, server: "as", session, id: "bench", scopes: [] };
  writeFileSync(join(state, "sessions.json"), JSON.stringify({ version: 1, sessions: { as: kept } }), { mode: 0o600 });

  const headers = { "content-type": "application/json", accept: "application/json, text/event-stream" };
  const post = (text: string) => call(`${origin}/mcp`, "POST", headers, text);
  const gateway = (text: string) => call(`${base}/mcp/as`, "POST", { ...headers, authorization }, text);
  const isAnswered = async (child: Child) => {
    child.stdin.write(`${INITIALIZE}\n`);
    const line = await lineOf(child);
    if (!line.includes('"serverInfo":{"name":"bench"')) throw new Error(line);
  };
  const roundTrip = async () => {
    const [own, from] = [new Agent(), performance.now()];
    await callBy(own)(`${origin}/mcp`, "POST", headers, INITIALIZE);
    return performance.now() - from;
  };
  const [bare, bridged, trips]: [Spent[], Spent[], number[]] = [[], [], []];
  // The first one compiles for all, and keeps it when it ends by itself.
  const first = begin([bin, "mcp", "as"]);
  await isAnswered(first);
  first.stdin.end();
  await once(first, "exit");
  for (let round = 0; round < starts; round++) {
    bare.push(await startOf(["-e", "0"], (child) => once(child, "exit")));
    trips.push(await roundTrip());
    bridged.push(await startOf([bin, "mcp", "as"], isAnswered));
  }

  const bridge = begin([bin, "mcp", "as"]);
  await isAnswered(bridge);
  bridge.stdin.write(`${ANNOUNCE}\n`);
  const byBridge = async (text: string) => {
    bridge.stdin.write(`${text}\n`);
    return lineOf(bridge);
  };
  const everybody = ["self", server.pid, broker.pid, bridge.pid] as const;
  const processor = () => everybody.map((pid) => processorMs(pid)).reduce((sum, one) => sum + one, 0);
  const ways = { direct: post, gateway, bridge: byBridge };
  const taken = new Map(Object.keys(ways).map((name) => [name, { clocks: [] as number[], processor: 0 }]));
  const turn = async (id: number, isCounted: boolean) => {
    for (const [name, way] of Object.entries(ways)) {
      const sum = taken.get(name);
      const before = processor();
      for (let count = 0; count < TURN; count++) {
        const from = performance.now();
        const answer = await way(callText(id + count));
        if (!answer.includes(`"id":${id + count},"result"`)) throw new Error(answer);
        if (isCounted) sum?.clocks.push(performance.now() - from);
      }
      if (isCounted && sum) sum.processor += processor() - before;
    }
  };
  // What is compiled on the way is no call's own.
  for (let id = 1; id <= 5 * TURN; id += TURN) await turn(id, false);
  const connectionsBefore = Number(await call(`${origin}/connections`));
  for (let id = 1; id <= calls; id += TURN) await turn(id, true);
  const opened = Number(await call(`${origin}/connections`)) - connectionsBefore;

  const mean = (list: readonly Spent[]) => list.reduce((sum, one) => sum + one.processor, 0) / list.length;
  const clocks = [bare, bridged].map((list) => median(list.map(({ clock }) => clock)));
  const [bareClock = 0, bridgeClock = 0] = clocks;
  const trip = median(trips);
  const startRatio = (bridgeClock - trip) / bareClock;
  console.log(`start            clock (median)   processor time (mean)
node -e 0        ${bareClock.toFixed(1)} ms          ${mean(bare).toFixed(1)} ms
round trip       ${trip.toFixed(1)} ms
coatcheck mcp    ${bridgeClock.toFixed(1)} ms          ${mean(bridged).toFixed(1)} ms
without the trip ${startRatio.toFixed(2)} (at most ${START_TARGET})  ${(mean(bridged) / mean(bare)).toFixed(2)}
`);
  const direct = taken.get("direct");
  const count = direct?.clocks.length ?? 0;
  for (const [name, one] of taken) {
    const [clock, each] = [median(one.clocks), one.processor / count];
    const [ratio, times] = [clock / median(direct?.clocks ?? []), one.processor / (direct?.processor ?? 0)];
    console.log(
      `${name.padEnd(8)} ${clock.toFixed(2)} ms (${ratio.toFixed(1)})  ${each.toFixed(2)} ms of processor time, all processes (${times.toFixed(1)})`,
    );
  }
  const added = median(taken.get("bridge")?.clocks ?? []) - median(direct?.clocks ?? []);
  console.log(
    `a call through the bridge takes ${added.toFixed(2)} ms more at the median (at most ${CALL_TARGET}); connections opened meanwhile: ${opened}`,
  );
  process.exitCode = startRatio <= START_TARGET && added < CALL_TARGET && opened === 0 ? 0 : 1;
} finally {
  broker.kill("SIGKILL");
  await as.close();
  rmSync(folder, { recursive: true, force: true });
}
process.exit();
