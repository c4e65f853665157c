import { accessSync, constants, existsSync, mkdirSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import type { FastifyInstance } from "fastify";
import { createAuthenticator, hashToken } from "./access/root-token.ts";
import { createBreakers } from "./broker/breakers.ts";
import type { Broker } from "./broker/broker.ts";
import { createCaches } from "./broker/caches.ts";
import { type Context, detach, newId, pause } from "./broker/context.ts";
import { createBroker } from "./broker/create-broker.ts";
import { createRefreshPlaces } from "./broker/refresh-places.ts";
import { recoverRescued } from "./broker/rescue.ts";
import { type Clock, followClock, systemClock } from "./clock.ts";
import type { Config, Listen } from "./config.ts";
import { type Deployment, isUsed, openDeployment } from "./deployment.ts";
import { buildApp } from "./http/app.ts";
import { openRescueJournal } from "./journal/rescue-journal.ts";
import type { Log } from "./log.ts";
import { createMetrics } from "./metrics.ts";
import { createGuardedFetch } from "./outbound/guarded-fetch.ts";
import { rootTokenOf } from "./root-token.ts";
import { type Scheduler, startScheduler } from "./scheduler/scheduler.ts";
import { loadKey } from "./seal/key-file.ts";
import { type Store, StoreUnusable } from "./store/port.ts";
import type { DatabaseTarget } from "./store/postgres/url.ts";
import { openSqliteStore } from "./store/sqlite/store.ts";
import { VERSION } from "./version.ts";

/** A broker that serves. */
export interface Running {
  /** `http://HOST:PORT`, or `unix:PATH`. */
  readonly address: string;
  readonly rootToken: string;
  /** The file it is in, unless it was given. */
  readonly rootTokenAt?: string;
  readonly broker: Broker;
  /** A gauge: upstream operations and settles under way. */
  underWay(): number;
  /** Takes no more work, finishes and settles what is under way, gives everything back. */
  close(): Promise<void>;
}

/** Puts the rooms together; the only place that knows them all. Throws `StoreUnusable`, `KeyUnusable`, or a system error. */
export async function compose(config: Config, log: Log, clock: Clock = systemClock): Promise<Running> {
  makeFolder(config.data);
  const store = await openStore(config, clock);
  let time = { clock, stop: () => {} };
  try {
    const deployment = await openWithKey(config, store);
    await store.recover();
    const rootToken = rootTokenOf(config.rootToken, config.data);
    if (config.database) time = await followClock(clock, () => store.now());
    const { context, start } = createContext(config, log, time.clock, store, deployment);
    const running = await serve(config, context, start, rootToken, deployment);
    return {
      ...running,
      close: () => {
        time.stop();
        return running.close();
      },
    };
  } catch (error) {
    time.stop();
    await store.close();
    throw error;
  }
}

/** The driver of a database server is loaded only for one. */
async function openStore({ data, database }: Config, clock: Clock): Promise<Store> {
  if (!database) return openSqliteStore({ path: join(data, "coatcheck.db"), clock });
  const { openPostgresStore } = await import("./store/postgres/store.ts");
  return openPostgresStore({ target: database, clock });
}

/** Brings the schema of a database up to date, and says from which to which. Throws like `compose`. */
export async function migrateDatabase(
  database: DatabaseTarget,
): Promise<{ readonly from: number; readonly to: number }> {
  const { startDatabase } = await import("./store/postgres/start.ts");
  return startDatabase(database);
}

/** One level at a time: where nothing can be made (/proc), the platform's recursive form never returns. */
function makeFolder(path: string): void {
  if (existsSync(path)) {
    if (!statSync(path).isDirectory()) throw new StoreUnusable(`${path} is a file: give a folder by --data`);
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
    return;
  }
  makeFolder(dirname(path));
  mkdirSync(path, { mode: 0o700 });
}

async function openWithKey(config: Config, store: Store): Promise<Deployment> {
  const { key } = loadKey(config.key, config.data, { mayCreate: !(await isUsed(store)) });
  return openDeployment(store, [key]);
}

function createContext(config: Config, log: Log, clock: Clock, store: Store, deployment: Deployment) {
  let scheduler: Scheduler | undefined;
  const publicUrl = config.publicUrl ?? listenUrl(config.listen);
  const background = new Set<Promise<unknown>>();
  const refreshPlaces = createRefreshPlaces(clock, () => scheduler?.wake());
  const context: Context = {
    store,
    seal: deployment.seal,
    journal: openRescueJournal(join(config.data, "rescue")),
    clock,
    log,
    fetch: createGuardedFetch({ policy: config.networks, userAgent: `Coatcheck/${VERSION}` }),
    allowHttp: allowsHttp(config.networks),
    instance: `${hostname()}/${newId().slice(0, 6)}`,
    metrics: createMetrics(() => ({ operations: background.size, refreshes: refreshPlaces.taken() })),
    breakers: createBreakers(clock),
    refreshPlaces,
    life: { stopping: false },
    flights: new Map(),
    background,
    caches: createCaches(),
    calls: new Set(),
    wake: () => scheduler?.wake(),
    ...(publicUrl !== undefined && { publicUrl }),
  };
  const start = (): Scheduler => {
    const started = startScheduler(context);
    store.watch(() => started.wake());
    scheduler = started;
    return started;
  };
  return { context, start };
}

async function serve(
  config: Config,
  context: Context,
  start: () => Scheduler,
  rootToken: ReturnType<typeof rootTokenOf>,
  deployment: Deployment,
): Promise<Running> {
  const broker = createBroker(context);
  const app = buildApp({
    broker,
    authenticate: createAuthenticator(hashToken(rootToken.value)),
    clock: context.clock,
    logger: context.log,
    health: healthOf(context),
    metrics: () => context.metrics.text(),
    clusterId: deployment.id,
    version: VERSION,
    storageType: config.database ? "postgresql" : "file",
  });
  const address = await app.listen(config.listen).catch((error: unknown) => {
    throw listenError(error, config.listen);
  });
  const { late } = await recoverRescued(context);
  const scheduler = start();
  void detach(context, late());
  context.log.info("started", { address, version: VERSION });
  return {
    address: "path" in config.listen ? `unix:${config.listen.path}` : address,
    rootToken: rootToken.value,
    broker,
    underWay: () => context.background.size,
    ...(rootToken.path !== undefined && { rootTokenAt: rootToken.path }),
    close: once(() => stop(context, app, scheduler)),
  };
}

/** Whoever asks a second time waits for the first. */
function once(stop: () => Promise<void>): () => Promise<void> {
  let stopped: Promise<void> | undefined;
  return () => {
    stopped ??= stop();
    return stopped;
  };
}

/** Upstream calls may take this long to end by themselves; then they are cut, and their doubt is stored. Milliseconds. */
const CALLS_GRACE_MS = 8_000;

/** Connections without a request under way, and ones whose caller has left, are not waited for. Milliseconds. */
const CONNECTIONS_GRACE_MS = 250;

/** In this order: no new work, finish and settle what is under way, answer, close the store. */
async function stop(context: Context, app: FastifyInstance, scheduler: Scheduler): Promise<void> {
  context.log.info("stopping");
  context.life.stopping = true;
  const cancel = systemClock.after(CALLS_GRACE_MS, () => {
    for (const call of context.calls) call.abort();
  });
  const closed = app.close();
  await scheduler.stop();
  cancel();
  await Promise.race([closed, pause(systemClock, CONNECTIONS_GRACE_MS)]);
  app.server.closeAllConnections();
  await closed;
  // A request that was answered last may have left something to be settled.
  while (context.background.size > 0) await Promise.all(context.background);
  await context.store.close();
  context.log.info("stopped");
}

/** Anybody may ask for it, so the store is asked at most once in this time. Milliseconds. */
const HEALTH_AGE_MS = 1_000;

function healthOf({ store, clock }: Context) {
  let asked = { at: Number.NEGATIVE_INFINITY, answer: Promise.resolve(false) };
  return async () => {
    if (clock.monotonic() - asked.at > HEALTH_AGE_MS) {
      const answer = store.check().then(
        () => false,
        () => true,
      );
      asked = { at: clock.monotonic(), answer };
    }
    return { initialized: true, sealed: false, storeDown: await asked.answer };
  };
}

/** http is possible only towards what the operator named; the guarded fetch checks which. */
function allowsHttp({ anything, networks, hosts }: Config["networks"]): boolean {
  return anything || networks.length > 0 || hosts.size > 0;
}

function listenUrl(listen: Listen): string | undefined {
  if ("path" in listen) return undefined;
  // A free port that the system chooses is known too late to be told to anybody.
  if (listen.port === 0) return undefined;
  const everywhere = { "0.0.0.0": "127.0.0.1", "::": "::1" };
  const host = everywhere[listen.host as keyof typeof everywhere] ?? listen.host;
  return `http://${host.includes(":") ? `[${host}]` : host}:${listen.port}`;
}

function listenError(error: unknown, listen: Listen): unknown {
  const where = "path" in listen ? listen.path : `${listen.host}:${listen.port}`;
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE") return new StoreUnusable(`${where} is in use: stop what listens there, or give --listen`);
  if (code === "ENOTFOUND" || code === "EADDRNOTAVAIL" || code === "EAI_AGAIN") {
    return new StoreUnusable(`${where} is no address of this machine: give another one by --listen`);
  }
  if (code === "EACCES") return new StoreUnusable(`${where} may not be listened on: choose another one by --listen`);
  return error;
}
