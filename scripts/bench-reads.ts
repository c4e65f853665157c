import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startMisbehavingServer } from "../test/servers/misbehaving-server.ts";
import { median, processorMs, startBroker } from "./bench-broker.ts";

/**
 * `npm run bench:reads [REQUESTS] [CONNECTIONS]`: reads of one valid token (`GET creds/NAME`, `GET /session/token`) of one
 * broker (a process of its own, SQLite on disk, its log at `info` into a pipe that is read), in turns with a bare `node:http` server
 * that answers the same bytes. Processor time of the answering process by operation, as Linux counts it (hundredths of a second),
 * which holds on a busy machine; and operations a second, which do not.
 */
const [requests = 20_000, connections = 32] = process.argv.slice(2).map(Number);
const ROUNDS = 5;
const TOKEN = "bench-root-token-0123456789";
const BARE = `require("node:http").createServer((request, response) => {
  response.setHeader("content-type", "application/json");
  response.end(process.argv[1]);
}).listen(0, "127.0.0.1", function () { console.log(this.address().port); });`;

interface Target {
  readonly name: string;
  readonly child: ChildProcess;
  readonly port: number;
  readonly request: string;
}

/** Sends a request as often as it is told, one after the other, on one connection; rejects for any other status than 200. */
function load({ port, request }: Target, times: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect(port, "127.0.0.1", () => socket.write(request));
    let left = times;
    let text = "";
    socket.setNoDelay(true).setEncoding("latin1");
    socket.on("error", reject).on("data", (chunk: string) => {
      text += chunk;
      const head = text.indexOf("\r\n\r\n");
      if (head === -1) return;
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1]);
      if (text.length < head + 4 + length) return;
      if (!text.startsWith("HTTP/1.1 200")) return reject(new Error(text));
      text = "";
      left -= 1;
      if (left > 0) socket.write(request);
      else socket.end(resolve);
    });
  });
}

async function measure(target: Target): Promise<{ readonly micros: number; readonly perSecond: number }> {
  const [cpu, from] = [processorMs(target.child.pid), performance.now()];
  await Promise.all(Array.from({ length: connections }, () => load(target, requests / connections)));
  const [spent, took] = [processorMs(target.child.pid) - cpu, performance.now() - from];
  return { micros: (spent * 1000) / requests, perSecond: (requests * 1000) / took };
}

async function bareServer(body: string): Promise<{ child: ChildProcess; port: number }> {
  const child = spawn(process.execPath, ["-e", BARE, body], { stdio: ["ignore", "pipe", "inherit"] });
  process.once("exit", () => child.kill("SIGKILL"));
  for await (const line of child.stdout) return { child, port: Number(String(line)) };
  throw new Error("the bare server did not start");
}

const data = mkdtempSync(join(tmpdir(), "coatcheck-bench-"));
const as = await startMisbehavingServer();
const { child, base } = await startBroker(data, TOKEN, "info");
child.stderr?.resume();
const call = (method: string, path: string, body?: unknown) =>
  fetch(new URL(path, base), {
    method,
    headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
try {
  as.tokens.approved = true;
  const provider_options = { token_url: `${as.issuer}/token`, device_code_url: `${as.issuer}/device` };
  await call("PUT", "/v1/oauth2/servers/as", { provider: "custom", client_id: "c", provider_options });
  const imported = await call("PUT", "/v1/oauth2/creds/me", { server: "as", refresh_token: as.tokens.grant() });
  if (!imported.ok) throw new Error(await imported.text());
  const started = (await (await call("POST", "/sessions", { server: "as" })).json()) as { session_id: string };
  if (!started.session_id) throw new Error(JSON.stringify(started));
  const session = { headers: { authorization: `Bearer ${started.session_id}` } };
  while (!(await (await fetch(new URL("/session?wait=5", base), session)).text()).includes('"active"'));
  const port = Number(new URL(base).port);
  const get = (path: string, header: string) => `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${header}\r\n\r\n`;
  const creds = get("/v1/oauth2/creds/me", `X-Vault-Token: ${TOKEN}`);
  const token = get("/session/token", `Authorization: Bearer ${started.session_id}`);
  const bare = await bareServer(await (await call("GET", "/v1/oauth2/creds/me")).text());
  const targets: readonly Target[] = [
    { name: "bare node:http", ...bare, request: creds },
    { name: "GET creds/NAME", child, port, request: creds },
    { name: "GET /session/token", child, port, request: token },
  ];
  for (const target of targets) await measure(target);
  const results = targets.map(() => [] as { micros: number; perSecond: number }[]);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, target] of targets.entries()) results[index]?.push(await measure(target));
  }
  const [limit = 0] = (results[0] ?? []).length ? [median((results[0] ?? []).map(({ micros }) => micros))] : [];
  for (const [index, { name }] of targets.entries()) {
    const micros = median((results[index] ?? []).map((one) => one.micros));
    const perSecond = median((results[index] ?? []).map((one) => one.perSecond));
    process.stdout.write(
      `${name}: ${micros.toFixed(0)} µs (${(micros / limit).toFixed(1)} x bare), ${perSecond.toFixed(0)}/s\n`,
    );
  }
  bare.child.kill();
} finally {
  child.kill("SIGTERM");
  await as.close();
  rmSync(data, { recursive: true, force: true });
}
