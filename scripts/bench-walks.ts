import { fork } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Agent, fetch } from "undici";
import { type Order, type Report, TOKEN } from "./walked-broker.ts";

/**
 * `npm run bench:walks [ROWS] [WALK]`, on SQLite or on the empty database of COATCHECK_DATABASE: walks a store with so many rows (by default 100,000) in every way there is,
 * and tells how long the event loop was without a turn, the memory, and what another reader noticed of it.
 */
const ROWS = Number(process.argv[2] ?? 100_000);
const ONLY = process.argv[3] ?? "";
const DATABASE = process.env.COATCHECK_DATABASE;

/** Of 100 stretches 99 must take less processor time. Milliseconds: what a walk may take, and the requests in between. */
const LONGEST = 10;

const folder = mkdtempSync(join(tmpdir(), "coatcheck-walks-"));
const data = join(folder, "data");

function start(data: string, more: Partial<Order> = {}) {
  const child = fork(join(import.meta.dirname, "walked-broker.ts"));
  child.setMaxListeners(0);
  const ask = async (what: Order["do"]): Promise<Report> => {
    const database = DATABASE === undefined ? {} : { database: DATABASE };
    child.send({ do: what, data, rows: ROWS, ...database, ...more } satisfies Order);
    const [answer] = await Promise.race([once(child, "message"), once(child, "exit")]);
    if (typeof answer !== "object") throw new Error(`the broker ended: ${what}`);
    return answer as Report;
  };
  return { ask, end: () => child.kill() };
}

/** A write of the settings answers when all is planned anew. */
const dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0 });

async function call(url: string, method: string, body?: unknown): Promise<string> {
  const headers = { "x-vault-token": TOKEN, authorization: `Bearer ${TOKEN}` };
  const response = await fetch(url, {
    method,
    headers,
    dispatcher,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text}`);
  return text;
}

/** Reads one token over and over until the work is done: the slowest of a hundred, in milliseconds. */
async function readMeanwhile(url: string, work: Promise<unknown>): Promise<number> {
  let done = false;
  void work
    .catch(() => {})
    .finally(() => {
      done = true;
    });
  const times: number[] = [];
  while (!done) {
    const from = performance.now();
    await call(url, "GET");
    times.push(performance.now() - from);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await work;
  return times.sort((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? 0;
}

let failed = false;

function tell(
  what: string,
  { stretch, work, longest, silence, memory }: Report,
  seconds: number,
  reader?: number,
): void {
  if (stretch > LONGEST && what !== "start") failed = true;
  const columns = [work, stretch, longest, silence, ...(reader === undefined ? [] : [reader])].map(
    (ms) => `${ms.toFixed(1)} ms`,
  );
  console.log(`${what} | ${seconds.toFixed(1)} s | ${columns.join(" | ")} | ${Math.round(memory / 1_048_576)} MiB`);
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Until nothing is under another key than the first. */
async function resealed(address: string): Promise<void> {
  for (;;) {
    const { data } = JSON.parse(await call(`${address}/v1/sys/keys`, "GET"));
    const others = data.keys.slice(1).reduce((sum: number, { records = 1 }) => sum + records, 0);
    if (others === 0 && data.resealing === undefined) return;
    await pause(500);
  }
}

async function walks(address: string): Promise<Readonly<Record<string, () => Promise<unknown>>>> {
  const keys = JSON.parse(await call(`${address}/v1/sys/keys`, "GET")).data.keys as { id: string }[];
  const mount = `${address}/v1/oauth2`;
  return {
    "LIST creds/, all": () => call(`${mount}/creds/`, "LIST"),
    "LIST creds/, a page of 1,000": () => call(`${mount}/creds/?limit=1000`, "LIST"),
    "list of 1,000 sessions": () => call(`${address}/sessions?limit=1000`, "GET"),
    "write of the settings": () => call(`${mount}/config`, "PUT", { tune_refresh_expiry_delta_factor: 3 }),
    "rotation of the keys": async () => {
      await call(`${address}/v1/sys/keys/rotate`, "PUT");
      await resealed(address);
    },
    "keys forget": () => call(`${address}/v1/sys/keys/${keys[0]?.id}`, "DELETE"),
    "end of all sessions": () => call(`${address}/sessions/revoke`, "POST", { since: "2020-01-01T00:00:00Z" }),
  };
}

async function timed<T>(work: Promise<T>): Promise<readonly [T, number]> {
  const from = performance.now();
  return [await work, (performance.now() - from) / 1_000];
}

async function bench(): Promise<void> {
  console.log(
    `${ROWS} rows: time | processor time, in all, at a stretch (p99, longest) | silence | p99 of a reader | memory`,
  );
  const broker = start(data);
  await broker.ask("fill");
  const [{ address = "", ...started }, seconds] = await timed(broker.ask("serve"));
  tell("start", started, seconds);
  await call(`${address}/v1/oauth2/servers/as`, "PUT", {
    ...{ provider: "custom", client_id: "bench" },
    provider_options: { auth_code_url: "http://127.0.0.1:1/a", token_url: "http://127.0.0.1:1/t" },
  });
  for (const [what, walk] of Object.entries(await walks(address))) {
    if (!what.includes(ONLY)) continue;
    await broker.ask("report");
    const [reader, took] = await timed(readMeanwhile(`${address}/v1/oauth2/creds/bot/00000000`, walk()));
    tell(what, await broker.ask("report"), took, reader);
  }
  const [backup, took] = await timed(broker.ask("backup"));
  tell("backup", backup, took);
  await broker.ask("stop");
  broker.end();
  if (DATABASE === undefined) await alone();
}

/** What needs data of its own. */
async function alone(): Promise<void> {
  const empty = join(folder, "restored");
  mkdirSync(empty, { mode: 0o700 });
  copyFileSync(join(data, "key"), join(empty, "key"));
  const other = start(empty);
  const [restored, took] = await timed(other.ask("restore"));
  tell("restore", restored, took);
  other.end();
  const due = start(join(folder, "due"), { due: true });
  await due.ask("fill");
  const [{ address = "" }] = await timed(due.ask("serve"));
  const isLeft = async () =>
    /coatcheck_due\{[^}]*"expire"[^}]*\} [1-9]/.test(await call(`${address}/v1/sys/metrics`, "GET"));
  const [, seconds] = await timed(
    (async () => {
      while (await isLeft()) await pause(200);
    })(),
  );
  tell("start with everything due", await due.ask("report"), seconds);
  await due.ask("stop");
  due.end();
}

try {
  await bench();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (failed) {
  console.error(`a stretch took more than ${LONGEST} ms`);
  process.exitCode = 1;
}
