import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { Agent, createServer, request, type Server, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { portOf } from "../test/servers/free-port.ts";
import { startMisbehavingServer } from "../test/servers/misbehaving-server.ts";
import { callBy, startBroker } from "./bench-broker.ts";

/**
 * `node scripts/bench-mcp-streams.ts [STREAMS]`: so many streams are open through `/mcp/as` of one broker (a process of its own)
 * at an MCP server of this process. Reports the broker's memory for each (MCP-G1), and that an event still reaches all.
 */
const [streams = 1_000] = process.argv.slice(2).map(Number);
const TOKEN = "bench-root-token-0123456789";
const agent = new Agent({ keepAlive: false, maxSockets: Number.POSITIVE_INFINITY });

const call = callBy(agent);

/** Opens one; answers once its first event is here. */
function open(url: string, authorization: string, onEvent: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent, headers: { authorization, accept: "text/event-stream" } }, (response) => {
      if (response.statusCode !== 200) return reject(new Error(`status ${response.statusCode}`));
      response.once("data", () => {
        resolve();
        response.on("data", onEvent);
      });
      return undefined;
    });
    sent.on("error", reject).end();
  });
}

function memoryOf(pid: number | undefined): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]);
}

const responses: ServerResponse[] = [];
const server: Server = createServer((_request, response) => {
  response.writeHead(200, { "content-type": "text/event-stream" }).write("data: 1\n\n");
  responses.push(response);
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const endpoint = `http://127.0.0.1:${portOf(server)}/mcp`;

const data = mkdtempSync(join(tmpdir(), "coatcheck-bench-"));
const as = await startMisbehavingServer();
as.tokens.approved = true;
as.tokens.interval = 1;
// All of them come from one address here.
process.env.COATCHECK_LIMITS = "requests=4000,address-requests=4000,address-connections=4000";
const { child, base } = await startBroker(data, TOKEN);
try {
  const operator = { "x-vault-token": TOKEN };
  const { issuer } = as;
  const provider_options = { token_url: `${issuer}/token`, device_code_url: `${issuer}/device` };
  const record = { provider: "custom", client_id: "c", provider_options, proxy_apis: { mcp: endpoint } };
  await call(`${base}/v1/oauth2/servers/as`, "PUT", operator, JSON.stringify(record));
  const headers = { authorization: `Bearer ${TOKEN}` };
  const { session_id: secret } = JSON.parse(await call(`${base}/sessions`, "POST", headers, '{"server":"as"}'));
  const bearer = `Bearer ${secret}`;
  await call(`${base}/session?wait=30`, "GET", { authorization: bearer });
  let events = 0;
  const openSome = async (count: number) => {
    while (count > 0) {
      const some = Math.min(50, count);
      const opened = Array.from({ length: some }, () =>
        open(`${base}/mcp/as`, bearer, () => {
          events += 1;
        }),
      );
      await Promise.all(opened);
      count -= some;
    }
  };
  // What the first streams bring along (code, parsers) is no stream's own.
  await openSome(20);
  await setTimeout(10_000);
  const before = memoryOf(child.pid);
  await openSome(streams);
  await setTimeout(15_000);
  const during = memoryOf(child.pid);
  const each = (during - before) / streams;
  const written = performance.now();
  for (const response of responses) response.write("data: 2\n\n");
  while (events < responses.length) await setTimeout(1);
  const took = performance.now() - written;
  process.stdout.write(
    `${streams} streams: ${each.toFixed(1)} KiB each over the ${(before / 1024).toFixed(0)} MiB without them; one event to each of ${responses.length} took ${took.toFixed(0)} ms\n`,
  );
} finally {
  child.kill("SIGKILL");
  await as.close();
  rmSync(data, { recursive: true, force: true });
}
process.exit(0);
