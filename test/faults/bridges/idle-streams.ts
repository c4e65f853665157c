import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Agent, createServer, request, type ServerResponse } from "node:http";
import type { TestContext } from "node:test";
import { setTimeout } from "node:timers/promises";
import { callBy, processorMs } from "../../../scripts/bench-broker.ts";
import { portOf } from "../../servers/free-port.ts";
import { startServer } from "../../servers/watched.ts";
import { eventually } from "../../support/eventually.ts";
import { coatcheck, said } from "../../support/process.ts";
import { ROOT_TOKEN } from "../../support/request.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

export interface IdleStreams {
  /** Programs, each with a login of its own. */
  readonly agents: number;
  /** Of all of them together. */
  readonly streams: number;
  /** How long they are silent. */
  readonly seconds: number;
}

/** Calls at a server that has died: it takes them, and never answers. */
const DEAD_CALLS = 8;

/** MCP-G1 says 30 KiB of what is alive; what is resident is more, as the process happens to be. KiB. */
const MOST_EACH = 120;

/** All of these come from one address. */
const LIMITS = "requests=4000,address-requests=4000,address-connections=4000";

/**
 * MCP-G1: so many streams say nothing, through `/mcp/NAME` of a broker in a process of its own, while a second server is dead. Calls
 * go on meanwhile; then one event reaches each stream, and the server sees each of them close.
 */
export async function idleStreams(t: TestContext, { agents, streams, seconds }: IdleStreams) {
  const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
  t.after(() => agent.destroy());
  const server = await startSilent(t);
  const as = await startServer(t);
  as.tokens.approved = true;
  as.tokens.interval = 1;
  const args = ["serve", "--data", temporaryFolder(t), "--listen", "127.0.0.1:0", "--allow-networks", "loopback"];
  const started = coatcheck(t, args, { COATCHECK_ROOT_TOKEN: ROOT_TOKEN, COATCHECK_LIMITS: LIMITS });
  const [, base = ""] = await said(started, /coatcheck is listening at (http:\S+)/, 90_000);
  const { pid } = started.child;
  const call = callBy(agent);
  const endpoints = { provider_options: { token_url: `${as.issuer}/token`, device_code_url: `${as.issuer}/device` } };
  for (const [name, path] of [["alive", "mcp"] as const, ["dead", "dead"] as const]) {
    const record = { provider: "custom", client_id: "c", ...endpoints, proxy_apis: { mcp: `${server.url}/${path}` } };
    await call(`${base}/v1/oauth2/servers/${name}`, "PUT", { "x-vault-token": ROOT_TOKEN }, JSON.stringify(record));
  }
  const begin = async (name: string) => {
    const operator = { authorization: `Bearer ${ROOT_TOKEN}` };
    const begun = JSON.parse(await call(`${base}/sessions`, "POST", operator, JSON.stringify({ server: name })));
    const own = { authorization: `Bearer ${begun.session_id}` };
    await eventually("the login", async () => (await call(`${base}/session?wait=30`, "GET", own)).includes('"active"'));
    return own;
  };
  const [dead, ...logins] = await Promise.all([begin("dead"), ...Array.from({ length: agents }, () => begin("alive"))]);
  const leaving = new AbortController();
  const ping = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" });
  for (let count = 0; count < DEAD_CALLS; count++) {
    const options = { method: "POST", agent, headers: dead, signal: leaving.signal };
    request(`${base}/mcp/dead`, options)
      .on("error", () => {})
      .end(ping);
  }
  let events = 0;
  const open = (headers: Record<string, string>) =>
    new Promise<void>((resolve, reject) => {
      const options = { agent, headers: { ...headers, accept: "text/event-stream" }, signal: leaving.signal };
      const sent = request(`${base}/mcp/alive`, options, (answer) => {
        answer
          .on("error", () => {})
          .on("data", (piece: Buffer) => {
            if (piece.includes("event 1")) resolve();
            if (piece.includes("event 2")) events += 1;
          });
      });
      sent.on("error", reject).end();
    });
  const pinged = async () => {
    const from = performance.now();
    for (const own of logins) assert.match(await call(`${base}/mcp/alive`, "POST", own, ping), /"result"/);
    return performance.now() - from;
  };
  await pinged();
  const before = residentKib(pid);
  for (let count = 0; count < streams; count += logins.length) await Promise.all(logins.map(open));
  const opened = server.streams.length;
  const spent = processorMs(pid);
  let slowest = await pinged();
  for (const end = performance.now() + seconds * 1_000; performance.now() < end; ) {
    await setTimeout(1_000);
    slowest = Math.max(slowest, await pinged());
  }
  const processor = processorMs(pid) - spent;
  const each = (residentKib(pid) - before) / opened;
  for (const stream of server.streams) stream.write("data: event 2\n\n");
  await eventually("an event on each stream", () => events === opened);
  leaving.abort();
  await eventually("the server sees them close", () => server.streams.every(({ closed }) => closed));
  await eventually(
    "and the calls that it never answers",
    () => server.dead.length === DEAD_CALLS && server.dead.every(({ closed }) => closed),
  );
  if (seconds > 0) assert.ok(each < MOST_EACH, `a stream takes ${each.toFixed(1)} KiB`);
  return {
    streams: opened,
    "KiB each": each.toFixed(1),
    "ms of processor a second": seconds === 0 ? "-" : (processor / seconds).toFixed(1),
    "slowest round of calls in ms": slowest.toFixed(0),
  };
}

/** Its streams begin with an event, its calls are answered; at `/dead` nothing ever is. */
async function startSilent(t: TestContext) {
  const streams: ServerResponse[] = [];
  const dead: ServerResponse[] = [];
  const server = createServer((asked, response) => {
    asked.resume();
    if (asked.url === "/dead") dead.push(response);
    else if (asked.method === "POST") {
      response.writeHead(200, { "content-type": "application/json" }).end('{"jsonrpc":"2.0","id":1,"result":{}}');
    } else {
      response.writeHead(200, { "content-type": "text/event-stream" }).write("data: event 1\n\n");
      streams.push(response);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${portOf(server)}`, streams, dead };
}

/** proc_pid_status(5). */
function residentKib(pid: number | undefined): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
}
