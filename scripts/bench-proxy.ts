import { mkdtempSync, rmSync } from "node:fs";
import { Agent, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { startMisbehavingServer } from "../test/servers/misbehaving-server.ts";
import { callBy, startBroker } from "./bench-broker.ts";

/**
 * `node scripts/bench-proxy.ts [REQUESTS]`: so many requests to an API on this machine, one after the other, by themselves and
 * through the proxy of one broker (a process of its own, SQLite on disk), in turns. Without TLS and without a network: what is
 * left is what the broker does.
 */
const [requests = 3_000] = process.argv.slice(2).map(Number);
const TOKEN = "bench-root-token-0123456789";
const agent = new Agent({ keepAlive: true });

const call = callBy(agent);

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

const data = mkdtempSync(join(tmpdir(), "coatcheck-bench-"));
const as = await startMisbehavingServer();
const api = createServer((_request, response) => void response.end('{"login":"octocat"}'));
await new Promise<void>((done) => api.listen(0, "127.0.0.1", done));
const apiUrl = `http://127.0.0.1:${(api.address() as AddressInfo).port}/`;
const { child, base } = await startBroker(data, TOKEN);
try {
  const token_url = `${as.issuer}/token`;
  const provider_options = { token_url, device_code_url: `${as.issuer}/device` };
  const server = { provider: "custom", client_id: "c", proxy_apis: { api: apiUrl }, provider_options };
  as.tokens.approved = true;
  await call(`${base}/v1/oauth2/servers/as`, "PUT", { "x-vault-token": TOKEN }, JSON.stringify(server));
  const started = await call(`${base}/sessions`, "POST", { authorization: `Bearer ${TOKEN}` }, '{"server":"as"}');
  const authorization = `Bearer ${JSON.parse(started).session_id}`;
  while (!(await call(`${base}/session`, "GET", { authorization })).includes('"active"')) await setTimeout(500);
  const [bare, proxied]: [number[], number[]] = [[], []];
  for (let count = 0; count < requests; count++) {
    bare.push(await timed(() => call(`${apiUrl}user`)));
    proxied.push(await timed(() => call(`${base}/session/proxy/api/user`, "GET", { authorization })));
  }
  const at = (list: number[], part: number) => list.sort((a, b) => a - b)[Math.ceil(list.length * part) - 1] ?? 0;
  const line = (name: string, list: number[]) =>
    `${name}: ${at(list, 0.5).toFixed(2)} ms (median), ${at(list, 0.99).toFixed(2)} ms (p99)\n`;
  process.stdout.write(line("by themselves", bare) + line("through the proxy", proxied));
} finally {
  child.kill("SIGKILL");
  api.close();
  await as.close();
  rmSync(data, { recursive: true, force: true });
}
process.exit(0);
