import { join } from "node:path";
import { DataKeys, makeFirstKeys } from "../src/broker/keys/data-keys.ts";
import { credentialRow, plainRow, type Sealing } from "../src/broker/record/records.ts";
import { newPublicId, newSecret, sessionKey, sessionRow } from "../src/broker/record/session-records.ts";
import { backUp, restore } from "../src/compose/backup.ts";
import { compose } from "../src/compose/compose.ts";
import { openWithKeys } from "../src/compose/open-keys.ts";
import { makeDataFolder, openStore } from "../src/compose/store.ts";
import { DEFAULT_SETTINGS, type Issued } from "../src/credential/index.ts";
import { parseNetworks } from "../src/outbound/address-policy.ts";
import { systemClock } from "../src/process/clock.ts";
import type { Config } from "../src/process/config.ts";
import { createLog } from "../src/process/log.ts";
import { credentialName, type Session } from "../src/session/index.ts";
import type { RowContent, Store } from "../src/store/port.ts";
import { parseDatabaseUrl } from "../src/store/postgres/url.ts";

/** A broker in a process of its own, with many rows; it says how long its event loop was silent. `bench-walks.ts` starts it. */
export interface Order {
  readonly do: "fill" | "serve" | "backup" | "restore" | "stop" | "report";
  readonly data: string;
  readonly database?: string;
  readonly rows: number;
  /** The rows are due at once: each has run out. */
  readonly due?: boolean;
}

/** Of the time since the last report. Milliseconds and bytes. */
export interface Report {
  /** Processor time between two turns of the event loop that worked for a millisecond or more: 99 of 100 are shorter. */
  readonly stretch: number;
  /** Processor time of the whole, with what others asked for meanwhile. */
  readonly work: number;
  /** The longest of all, with any collection of garbage. */
  readonly longest: number;
  /** By the wall's clock: with what the disk and other processes took. */
  readonly silence: number;
  readonly memory: number;
  readonly address?: string;
}

export const TOKEN = "hvs.bench-of-many-rows";

const DAY = 86_400_000;

function configOf({ data, database }: Order): Config {
  return {
    ...{
      listen: [{ host: "127.0.0.1", port: 0 }],
      data,
      rootToken: TOKEN,
      logLevel: "error",
      dev: false,
      ownerCheck: true,
      takeOver: false,
    },
    ...{ networks: parseNetworks("loopback"), trustedProxies: parseNetworks("") },
    ...(database !== undefined && { database: parseDatabaseUrl(database) }),
  };
}

function issued(index: number): Issued {
  const grant = { server: "as", scopes: ["read", "write"], providerOptions: {} };
  const issuedAt = systemClock.now();
  return {
    ...{ status: "issued", grant, accessToken: `at-${index}`.padEnd(600, "x"), tokenType: "Bearer" },
    ...{ refreshToken: `rt-${index}`.padEnd(60, "x"), issuedAt, expiresAt: issuedAt + DAY, scopes: grant.scopes },
    ...{ extraData: {}, notices: [], jitter: (index % 1_000) / 1_000 },
  };
}

/** Half of the rows are credentials; a quarter are sessions, and a quarter their credentials. */
function rowsOf(context: Sealing, { due }: Order, index: number): readonly RowContent[] {
  const content = { credential: issued(index), history: [] };
  const mount = "oauth2";
  const row = (name: string) => credentialRow(context, { mount, name, id: `id-${name}` }, content, DEFAULT_SETTINGS);
  if (due) {
    const key = { mount, kind: "flow", name: `flow-${index}`, id: `flow-${index}` } as const;
    return [plainRow(context, key, content, { task: "expire", dueAt: 1 })];
  }
  if (index % 2 === 0) return [row(`bot/${String(index).padStart(8, "0")}`)];
  if (index % 4 === 1) return [];
  const now = systemClock.now();
  const id = newPublicId();
  const session: Session = {
    ...{
      phase: "open",
      server: "as",
      scopes: [],
      label: "bench",
      address: "127.0.0.1",
      createdAt: now,
      lastUsedAt: now,
    },
  };
  return [
    sessionRow(context, { ...sessionKey(mount, newSecret()), id }, session, now + 30 * DAY),
    row(credentialName(id)),
  ];
}

async function fill(order: Order): Promise<void> {
  const config = configOf(order);
  makeDataFolder(config.data);
  const store: Store = await openStore(config, systemClock);
  const { seal } = await openWithKeys(config, store, systemClock);
  const mounts = { mounts: ["oauth2"], shared: false };
  await makeFirstKeys(
    { store, seal, log: createLog("silent") },
    new DataKeys({ store, clock: systemClock, seal }),
    mounts,
  );
  for (let from = 0; from < order.rows; from += 500) {
    const rows = Array.from({ length: 500 }, (_, index) => rowsOf({ seal }, order, from + index)).flat();
    await Promise.all(rows.map((row) => store.write(row, { absent: true })));
  }
  await store.close();
}

let stretches: number[] = [];
let work = 0;
let silence = 0;
let memory = 0;
let processor = process.threadCpuUsage();
let wall = performance.now();

/** Looks at both clocks in each turn of the event loop, and holds none up. */
function look(): void {
  const { user, system } = process.threadCpuUsage(processor);
  work += (user + system) / 1_000;
  if (user + system >= 1_000) stretches.push((user + system) / 1_000);
  silence = Math.max(silence, performance.now() - wall);
  memory = Math.max(memory, process.memoryUsage.rss());
  processor = process.threadCpuUsage();
  wall = performance.now();
}

/** What it has seen since it was asked last. */
function reported(): Report {
  look();
  const all = stretches.sort((a, b) => a - b);
  const report = { stretch: all[Math.floor(all.length * 0.99)] ?? 0, work, longest: all.at(-1) ?? 0, silence, memory };
  [stretches, work, silence, memory] = [[], 0, 0, 0];
  return report;
}

let stop = async () => {};

const ORDERS: Readonly<Record<Order["do"], (order: Order) => Promise<object | undefined>>> = {
  fill: async (order) => void (await fill(order)),
  serve: async (order) => {
    const running = await compose(configOf(order), createLog("error"));
    stop = () => running.close();
    return { address: running.address };
  },
  backup: async (order) => void (await backUp(configOf(order), join(order.data, "..", "backup"))),
  restore: async (order) => void (await restore(configOf(order), join(order.data, "..", "backup"))),
  stop: async () => void (await stop()),
  report: async () => undefined,
};

if (process.send) {
  setInterval(look, 1);
  process.on("message", async (order: Order) => {
    const more = await ORDERS[order.do](order);
    process.send?.({ ...reported(), ...more } satisfies Report);
  });
}
