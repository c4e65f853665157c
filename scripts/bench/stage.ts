import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Bench } from "./bench.ts";
import type { Database } from "./databases.ts";
import type { Told, Wish } from "./provider.ts";
import { memoryOf, processorMs } from "./usage.ts";

export const TOKEN = "bench-root-token-0123456789";

/** Seconds; no refresh happens by itself then. */
const HOUR = 3_600;

/** An authorization server in a process of its own, which answers at once. */
export interface Provider {
  readonly issuer: string;
  readonly pid: number;
  wish(wish: Wish): Promise<Told>;
}

export async function startProvider(bench: Bench): Promise<Provider> {
  const child = fork(join(import.meta.dirname, "provider.ts"), { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  bench.defer(() => stop(child, "SIGKILL"));
  const wish = async (what: Wish) => {
    const answer = once(child, "message") as Promise<[Told]>;
    child.send(what);
    return (await answer)[0];
  };
  const { issuer } = await wish({ life: HOUR });
  return { issuer, pid: child.pid ?? 0, wish };
}

export interface Broker {
  readonly base: URL;
  readonly pid: number;
  readonly data: string;
  call(method: string, path: string, body?: unknown, token?: string): Promise<Answer>;
  stop(): Promise<void>;
}

interface Answer {
  readonly status: number;
  /** What is looked at of it. */
  readonly body: { readonly session_id?: string; readonly user_code?: string; readonly status?: string };
}

export interface Where {
  readonly data: string;
  readonly database?: Database | undefined;
  /** More of the environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A broker in a process of its own, its log at `info` into a pipe that is read. */
export async function startBroker(bench: Bench, { data, database, env = {} }: Where): Promise<Broker> {
  const args = ["serve", "--data", data, "--listen", "127.0.0.1:0", "--allow-networks", "loopback"];
  const flags = ["--public-url", "http://127.0.0.1:8200"];
  const own = { COATCHECK_ROOT_TOKEN: TOKEN, ...(database && { COATCHECK_DATABASE: database.url }), ...env };
  const child = spawn(process.execPath, [bench.bin, ...args, ...flags], {
    env: { PATH: process.env.PATH ?? "", HOME: data, ...own },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = () => stop(child, "SIGKILL");
  bench.defer(ended);
  const base = await listening(child);
  const call = async (method: string, path: string, body?: unknown, token = TOKEN): Promise<Answer> => {
    const response = await fetch(new URL(path, base), {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (response.status >= 400) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return { status: response.status, body: text.startsWith("{") ? JSON.parse(text) : text };
  };
  return { base, pid: child.pid ?? 0, data, call, stop: () => stop(child, "SIGTERM") };
}

/** Where it listens, once it says so. What it says is read to its end: a pipe that nobody reads would hold it up. */
function listening(child: ChildProcess): Promise<URL> {
  let text = "";
  const { promise, resolve, reject } = Promise.withResolvers<URL>();
  child.stderr?.setEncoding("utf8").on("data", (said) => {
    if (text.length < LONGEST_START) text += said;
    const [, base] = /is listening at (http:\S+)/.exec(text) ?? [];
    if (base !== undefined) resolve(new URL(base));
  });
  child.once("exit", () => reject(new Error(`the broker did not start: ${text}`)));
  return promise;
}

/** What a broker may say before it listens. Characters. */
const LONGEST_START = 10_000;

async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill(signal);
  await ended;
}

/** The server `as` of the mount: what logs in there, and `api` behind the proxy. */
export async function declare({ call }: Broker, { issuer }: Provider, more: object = {}): Promise<void> {
  const provider_options = { token_url: `${issuer}/token`, device_code_url: `${issuer}/device` };
  const record = { provider: "custom", client_id: "c", proxy_apis: { api: `${issuer}/api/` }, provider_options };
  await call("PUT", "/v1/oauth2/servers/as", { ...record, ...more });
}

/** A program's session, signed in; answers its secret. */
export async function signIn({ call }: Broker, provider: Provider): Promise<string> {
  await provider.wish({ approved: true, interval: 1 });
  const { session_id: secret = "" } = (await call("POST", "/sessions", { server: "as" })).body;
  while ((await call("GET", "/session?wait=5", undefined, secret)).body.status === "pending");
  return secret;
}

/** A bare `node:http` server in a process of its own, which answers everything with one text. */
export async function startBare(bench: Bench, body: string): Promise<{ readonly base: URL; readonly pid: number }> {
  const child = spawn(process.execPath, ["-e", BARE, body], { stdio: ["ignore", "pipe", "inherit"] });
  bench.defer(() => stop(child, "SIGKILL"));
  const [line] = await once(child.stdout, "data");
  return { base: new URL(`http://127.0.0.1:${Number(String(line))}`), pid: child.pid ?? 0 };
}

const BARE = `require("node:http").createServer((request, response) => {
  request.resume();
  response.setHeader("content-type", "application/json");
  response.end(process.argv[1]);
}).listen(0, "127.0.0.1", function () { console.log(this.address().port); });`;

/** What processes use while something is done: processor time in milliseconds, and how long it took. */
export async function usageOf(pids: readonly number[], work: () => Promise<unknown>) {
  const sum = () => pids.reduce((total, pid) => total + processorMs(pid), 0);
  const [before, from] = [sum(), performance.now()];
  await work();
  return { processor: sum() - before, milliseconds: performance.now() - from };
}

export const residentOf = ({ pid }: { readonly pid: number }) => memoryOf(pid).now;
