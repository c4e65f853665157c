import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LRUCache } from "lru-cache";
import { Audit } from "../../src/audit/audit.ts";
import { recoverRescued } from "../../src/broker/attempt/rescue.ts";
import type { Broker } from "../../src/broker/broker.ts";
import { createBroker } from "../../src/broker/create-broker.ts";
import { detach } from "../../src/broker/process/background.ts";
import { createBreakers } from "../../src/broker/process/breakers.ts";
import type { Caches } from "../../src/broker/process/caches.ts";
import type { Context } from "../../src/broker/process/context.ts";
import { createMcpMemory } from "../../src/broker/process/mcp-memory.ts";
import { MountTable } from "../../src/broker/process/mount-table.ts";
import { Ready } from "../../src/broker/process/ready.ts";
import { createRefreshPlaces } from "../../src/broker/process/refresh-places.ts";
import { createSessionMemory } from "../../src/broker/process/session-memory.ts";
import { wrappedStore } from "../../src/compose/wrapped-store.ts";
import { openRescueJournal, type RescueEntry, type RescueJournal } from "../../src/journal/rescue-journal.ts";
import type { Clock } from "../../src/process/clock.ts";
import type { Log } from "../../src/process/log.ts";
import type { Metrics } from "../../src/process/metrics.ts";
import { NO_TRACE } from "../../src/process/trace.ts";
import type { Fetch } from "../../src/protocol/client.ts";
import { type Scheduler, startScheduler } from "../../src/scheduler/scheduler.ts";
import type { Seal } from "../../src/seal/port.ts";
import type { Store } from "../../src/store/port.ts";
import type { Process } from "./process.ts";
import { RECEIVER } from "./receiver.ts";

/** What an instance is started with: the ports of its process, and the code of the product between them. */
export interface Ports {
  readonly process: Process;
  readonly clock: Clock;
  readonly store: Store;
  readonly fetch: Fetch;
  readonly seal: Seal;
  readonly metrics: Metrics;
  readonly log: Log;
  /** Its rescue journal, which its successors find. */
  readonly folder: string;
  /** Told what the journal has made durable. */
  readonly onRescue: (entry: RescueEntry) => void;
}

export class Instance {
  readonly process: Process;
  readonly context: Context;
  readonly broker: Broker;
  ready = false;
  #scheduler: Scheduler | undefined;

  constructor(ports: Ports) {
    this.process = ports.process;
    this.context = this.#context(ports);
    this.broker = createBroker(this.context);
  }

  #context({ process, clock, store, fetch, seal, metrics, log, folder, onRescue }: Ports): Context {
    const wake = () => this.#scheduler?.wake();
    const sessions = createSessionMemory(clock);
    return {
      store: wrappedStore(store, sessions, clock),
      seal,
      journal: watched(openRescueJournal(folder), onRescue),
      clock,
      audit: new Audit(),
      fetch,
      forward: () => Promise.reject(new Error("nothing is passed on here")),
      forwardStream: () => Promise.reject(new Error("nothing is passed on here")),
      refusalOf: async () => undefined,
      sessions,
      mounts: new MountTable(["oauth2"]),
      log,
      allowHttp: false,
      instance: process.name,
      webhooks: [RECEIVER],
      trace: NO_TRACE,
      flights: new Map(),
      metrics,
      breakers: createBreakers(clock),
      refreshPlaces: createRefreshPlaces(clock, wake),
      life: { stopping: false },
      background: new Set(),
      caches: smallCaches(clock),
      limiter: { wait: () => 0, take: () => 0 },
      calls: new Set(),
      wake,
    };
  }

  /** As `compose` and `serve` do it. A store that is away ends the start. */
  async start(): Promise<void> {
    try {
      await this.context.store.recover();
      const { late } = await recoverRescued(this.context);
      this.#scheduler = startScheduler(this.context);
      this.ready = true;
      void detach(this.context, late());
    } catch {
      this.process.kill();
    }
  }
}

/** Room for some credentials: the product's, for 100,000, take longer to make than a life in here lasts. */
function smallCaches(clock: Clock): Caches {
  return {
    metadata: { known: new LRUCache({ max: 10 }), flights: new Map() },
    keySets: new LRUCache({ max: 10 }),
    located: { known: new LRUCache({ max: 10 }), flights: new Map() },
    lastSecret: new LRUCache({ max: 10 }),
    told: new LRUCache({ max: 10 }),
    refreshedAs: new LRUCache({ max: 10 }),
    troubles: new LRUCache({ max: 10 }),
    nextPoll: new LRUCache({ max: 100 }),
    exchanged: new LRUCache({ max: 10 }),
    readyTokens: new Ready(clock),
    readySessions: new Ready(clock),
    readyLogins: new Ready(clock),
    readyContents: new Ready(clock),
    gateway: createMcpMemory(),
    exchangeFlights: new Map(),
    filing: { isUnderWay: false },
    backlogs: new Map(),
  };
}

function watched(journal: RescueJournal, onRescue: Ports["onRescue"]): RescueJournal {
  return {
    ...journal,
    put(entry) {
      journal.put(entry);
      onRescue(entry);
    },
  };
}

/** The folder of a rescue journal that keeps no reserve: no disk is full here. */
export function makeJournalFolder(folder: string): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "reserve"), "");
  return folder;
}
