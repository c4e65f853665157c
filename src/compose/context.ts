import { hostname } from "node:os";
import { join } from "node:path";
import { Audit } from "../audit/audit.ts";
import { DataKeys } from "../broker/keys/data-keys.ts";
import { loadMounts, MOUNTS_CHANGED } from "../broker/mount/stored.ts";
import { inBackground } from "../broker/process/background.ts";
import { createBreakers } from "../broker/process/breakers.ts";
import { createCaches } from "../broker/process/caches.ts";
import type { Context } from "../broker/process/context.ts";
import { door } from "../broker/process/door.ts";
import type { MountTable } from "../broker/process/mount-table.ts";
import { newId } from "../broker/process/random.ts";
import { createRateLimiter } from "../broker/process/rate-limit.ts";
import { createRefreshPlaces } from "../broker/process/refresh-places.ts";
import { createSessionMemory, noteChange } from "../broker/process/session-memory.ts";
import { tellingSeal } from "../broker/process/telling-seal.ts";
import { createHandOver } from "../broker/record/hand-over.ts";
import { openRescueJournal } from "../journal/rescue-journal.ts";
import { createGuardedFetch } from "../outbound/guarded-fetch.ts";
import { createGuardedForward } from "../outbound/guarded-forward.ts";
import { createUrlCheck } from "../outbound/url-check.ts";
import type { Clock } from "../process/clock.ts";
import type { Config } from "../process/config.ts";
import type { Log } from "../process/log.ts";
import type { Trace } from "../process/trace.ts";
import { VERSION } from "../process/version.ts";
import type { SigningKey } from "../protocol/client/client-key.ts";
import { type Scheduler, startScheduler } from "../scheduler/scheduler.ts";
import { LeftStore } from "../store/left.ts";
import type { Store } from "../store/port.ts";
import { PreparedStore } from "../store/prepared.ts";
import type { Deployment } from "./deployment.ts";
import { allowsHttp, listenUrl } from "./listen.ts";
import { LoopbackPorts } from "./loopback.ts";
import { activityOf, metricsOf, Recent } from "./recent.ts";
import { tracedFetch, tracedForward } from "./telemetry.ts";
import { wrappedStore } from "./wrapped-store.ts";

interface Given {
  readonly kept: Store;
  readonly deployment: Deployment;
  readonly trace: Trace;
  readonly clientKey?: SigningKey | undefined;
  readonly mounts: MountTable;
}

/** What every use case works with, and how its queue is started. */
export function createContext(config: Config, log: Log, clock: Clock, { kept, deployment, mounts, ...given }: Given) {
  const sessions = createSessionMemory(clock);
  const life: Context["life"] = { stopping: false };
  const left = new LeftStore(kept, () => life.handedOver === true);
  const { seal, dataKeys } = sealing(kept, deployment, { log, clock, mounts });
  const store = wrappedStore(new PreparedStore(left, (rows) => dataKeys.ready(rows)), sessions, clock);
  let scheduler: Scheduler | undefined;
  const publicUrl = config.publicUrl ?? listenUrl(config);
  const memory = memoryOf(clock);
  const loopback = config.loopback ? new LoopbackPorts(clock) : undefined;
  const { trace, clientKey } = given;
  const { fetch, ...ways } = waysOut(config, trace);
  const recent = new Recent(() => clock.now());
  const context: Context = {
    store,
    sessions,
    journal: openRescueJournal(join(config.data, "rescue")),
    clock,
    ...{ log, mounts, seal },
    ...memory,
    fetch: door({ life, log, fetch, caches: memory.caches, clock }),
    ...ways,
    instance: `${hostname()}/${newId().slice(0, 6)}`,
    metrics: metricsOf(() => context, recent),
    ...{ trace, webhooks: config.webhooks ?? [], ...(clientKey && { clientKey }) },
    refreshPlaces: createRefreshPlaces(clock, () => scheduler?.wake()),
    life,
    wake: () => scheduler?.wake(),
    ...(publicUrl !== undefined && { publicUrl }),
    ...(loopback && { loopback }),
  };
  const start = (): Scheduler => {
    const started = startScheduler(context);
    store.watch(({ announced }) => heed(context, started, announced));
    scheduler = started;
    return started;
  };
  const handOver = createHandOver(context, left, deployment.id);
  return { context, start, loopback, handOver, dataKeys, activity: () => activityOf(context, recent) };
}

function sealing(
  store: Store,
  deployment: Deployment,
  { log, clock, mounts }: Pick<Context, "log" | "clock" | "mounts">,
) {
  const seal = tellingSeal(deployment.seal, log, clock);
  const dataKeys = new DataKeys({ store, clock, seal });
  mounts.beforeChange(() => dataKeys.learn());
  return { seal, dataKeys };
}

/** What another instance tells; of nothing by name: something may be due. */
function heed(context: Context, scheduler: Scheduler, announced: string | undefined): void {
  if (announced === undefined) scheduler.wake();
  else if (announced === MOUNTS_CHANGED) inBackground(context, "mounts", loadMounts(context));
  else noteChange(context.sessions, announced);
}

/** What the process knows of itself, and begins anew. */
function memoryOf(clock: Clock) {
  return {
    audit: new Audit(),
    breakers: createBreakers(clock),
    caches: createCaches(clock),
    limiter: createRateLimiter(clock),
    flights: new Map(),
    background: new Set(),
    calls: new Set(),
  } satisfies Partial<Context>;
}

function waysOut(
  { networks, egress }: Config,
  trace: Trace,
): Pick<Context, "fetch" | "forward" | "forwardStream" | "allowHttp" | "refusalOf"> {
  const way = { policy: networks, ...egress };
  return {
    fetch: tracedFetch(trace, createGuardedFetch({ ...way, userAgent: `Coatcheck/${VERSION}` })),
    forward: tracedForward(trace, createGuardedForward(way)),
    forwardStream: tracedForward(trace, createGuardedForward({ ...way, manner: "streams" })),
    allowHttp: allowsHttp(networks),
    refusalOf: createUrlCheck(way),
  };
}
