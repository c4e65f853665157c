import { Counter, Gauge, Histogram, Registry } from "prom-client";

/**
 * What operators watch, as Prometheus reads it. Labels are chosen from closed lists, so their number is bounded, and none
 * holds a name, a server or a text from outside.
 */
export interface Metrics {
  /** One attempt at a credential: a poll, a refresh, an expiry … and what became of it. */
  attempt(kind: string, outcome: string): void;
  /**
   * What an answer said of its refresh token's end: how long it is until then, and whether a refresh moves it (`moves`) or a
   * person has to sign in again by then (`stays`). Seconds.
   */
  refreshEnd(end: "moves" | "stays", seconds: number): void;
  /** How long after its due time a row was claimed (DEV-24). Seconds. */
  lateness(task: string, seconds: number): void;
  /** How long after the last byte of a token endpoint's answer it was durable, in the store or the rescue journal. Seconds. */
  answerDurable(seconds: number): void;
  /** The store did not take a write at once. */
  storeTrouble(): void;
  /** A token was read from memory, because the store did not answer. */
  outageRead(): void;
  /** Records by the key they are sealed under, as far as it is known. */
  seals(count: { readonly first: number; readonly others: number }): void;
  /** Records that were resealed under the key that seals them now. */
  resealed(count: number): void;
  /** A session began or ended; a login joined one. */
  session(what: "started" | "joined" | "ended"): void;
  /** A request through the token-injecting proxy: `2xx` … `5xx`, or `failed` without an answer. */
  proxied(outcome: string): void;
  /** A tool of an MCP server was called. Both names are from outside, so they are no labels: they are counted for an hour alone. */
  toolCalled(server: string, tool: string, isRefused: boolean): void;
  /** One attempt to tell an endpoint what happened (webhooks), or what became of it in the end. */
  webhook(outcome: "delivered" | "failed" | "given_up" | "dropped"): void;
  /** The exposition text of all of them. */
  text(): Promise<string>;
  /** The same as data. */
  samples(): Promise<readonly MetricSample[]>;
}

/** One metric as it is now. */
export interface MetricSample {
  readonly name: string;
  readonly help: string;
  /** `counter`, `gauge` or `histogram`. */
  readonly type: unknown;
  readonly values: readonly {
    readonly value: number;
    readonly labels: Readonly<Record<string, string | number | undefined>>;
    /** Of a histogram: its name with `_bucket`, `_sum` or `_count`. */
    readonly metricName?: string;
  }[];
}

/** Seconds; the schedule promises a second where there is room. */
const LATENESS_BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 1_800];

/** Seconds: from one fsync of a good disk to one that nobody should have. */
const DURABLE_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 1, 5];

/** Seconds: an hour, a day, a week (when readers are warned), a month, half a year. */
const REFRESH_END_BUCKETS = [3_600, 86_400, 604_800, 2_592_000, 15_552_000];

/** What is asked when the metrics are read. */
export interface Gauges {
  readonly operations: number;
  readonly refreshes: number;
  /** Refreshes that readers wait for, and that wait for a place. */
  readonly waiting: number;
  /** Programs that wait for a session. */
  readonly programs: number;
  /** Servers that are left alone for a while. */
  readonly paused: number;
  /** The store is a copy that must not act. */
  readonly copy: boolean;
  /** Its data are in another store. */
  readonly moved: boolean;
}

/** Of the store; rejects while it does not answer. */
export interface Load {
  /** By task. */
  readonly due: ReadonlyMap<string, number>;
  readonly pool?: { readonly open: number; readonly idle: number; readonly waiting: number };
  /** What endpoints are to be told; absent where there are none. */
  readonly undelivered?: number;
}

export function createMetrics(gauges: () => Gauges, load: () => Promise<Load>): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const counter = (name: string, help: string, labelNames: string[] = []) =>
    new Counter({ name: `coatcheck_${name}_total`, help, labelNames, registers });
  const attempts = counter("attempts", "Attempts to issue or refresh credentials, by kind and outcome", [
    "kind",
    "outcome",
  ]);
  const trouble = counter("store_trouble", "Writes that the store did not accept at the first attempt");
  const outageReads = counter("outage_reads", "Tokens read from memory while the store did not answer");
  const sessions = counter("sessions", "Sessions started, joined and ended", ["what"]);
  const proxied = counter("proxied", "Requests through the proxy, by status class of the answer", ["outcome"]);
  const webhooks = counter("webhooks", "Webhooks delivered, attempts that failed, and webhooks given up or dropped", [
    "outcome",
  ]);
  watch(gauges, registers);
  watchStore(load, registers);
  return {
    attempt: (kind, outcome) => attempts.inc({ kind, outcome }),
    storeTrouble: () => trouble.inc(),
    outageRead: () => outageReads.inc(),
    session: (what) => sessions.inc({ what }),
    proxied: (outcome) => proxied.inc({ outcome }),
    toolCalled: () => {},
    webhook: (outcome) => webhooks.inc({ outcome }),
    ...timesOf(registers),
    ...sealMetrics(registers),
    text: () => registry.metrics(),
    samples: () => registry.getMetricsAsJSON(),
  };
}

function timesOf(registers: Registry[]): Pick<Metrics, "lateness" | "refreshEnd" | "answerDurable"> {
  const histogram = (name: string, help: string, buckets: number[], labelNames: string[] = []) =>
    new Histogram({ name: `coatcheck_${name}_seconds`, help, buckets, labelNames, registers });
  const late = "Time between the moment a task was due and the moment it started";
  const lateness = histogram("lateness", late, LATENESS_BUCKETS, ["task"]);
  const left =
    "Time until refresh tokens end, as each login and refresh was told it, and whether refreshes move that end";
  const refreshEnd = histogram("refresh_token_left", left, REFRESH_END_BUCKETS, ["end"]);
  const kept =
    "Time between the last byte of a token endpoint's answer and the moment from which a crash loses nothing of it";
  const durable = histogram("answer_durable", kept, DURABLE_BUCKETS);
  return {
    answerDurable: (seconds) => durable.observe(seconds),
    lateness: (task, seconds) => lateness.observe({ task }, Math.max(0, seconds)),
    refreshEnd: (end, seconds) => refreshEnd.observe({ end }, Math.max(0, seconds)),
  };
}

function watch(gauges: () => Gauges, registers: Registry[]): void {
  new Gauge({
    name: "coatcheck_under_way",
    help: "Operations in progress, recently sent refreshes among them, refreshes that wait for a slot, and programs that wait for a session",
    labelNames: ["what"],
    registers,
    collect() {
      const { operations, refreshes, waiting, programs } = gauges();
      this.set({ what: "operations" }, operations);
      this.set({ what: "refreshes" }, refreshes);
      this.set({ what: "waiting" }, waiting);
      this.set({ what: "programs" }, programs);
    },
  });
  new Gauge({
    name: "coatcheck_servers_paused",
    help: "Authorization servers that the broker sends nothing to for a while after repeated failures",
    registers,
    collect() {
      this.set(gauges().paused);
    },
  });
  new Gauge({
    name: "coatcheck_restored_copy",
    help: "1 while the store is a restored copy and nothing is sent to providers",
    registers,
    collect() {
      this.set(gauges().copy ? 1 : 0);
    },
  });
  new Gauge({
    name: "coatcheck_moved",
    help: "1 while the data are in another database and nothing is sent to providers from here",
    registers,
    collect() {
      this.set(gauges().moved ? 1 : 0);
    },
  });
}

function sealMetrics(registers: Registry[]): Pick<Metrics, "seals" | "resealed"> {
  const seals = new Gauge({
    name: "coatcheck_sealed_records",
    help: "Records under the key that seals them now and under older keys, at the last count",
    labelNames: ["key"],
    registers,
  });
  const resealed = new Counter({
    name: "coatcheck_resealed_total",
    help: "Records that were resealed under the key that seals them now",
    registers,
  });
  return {
    seals: ({ first, others }) => {
      seals.set({ key: "first" }, first);
      seals.set({ key: "others" }, others);
    },
    resealed: (count) => resealed.inc(count),
  };
}

/** While the store does not answer, nothing is told of it: old numbers would look like new ones. */
function watchStore(load: () => Promise<Load>, registers: Registry[]): void {
  let asking: Promise<Load | undefined> | undefined;
  const seen = () => {
    asking ??= load()
      .catch(() => undefined)
      .finally(() => {
        asking = undefined;
      });
    return asking;
  };
  new Gauge({
    name: "coatcheck_due",
    help: "Rows that are due and waiting, by task; at most 100000 are counted",
    labelNames: ["task"],
    registers,
    async collect() {
      const { due = [] } = (await seen()) ?? {};
      this.reset();
      for (const [task, count] of due) this.set({ task }, count);
    },
  });
  new Gauge({
    name: "coatcheck_pool",
    help: "Connections to the database, idle connections, and statements that wait for a connection",
    labelNames: ["what"],
    registers,
    async collect() {
      const pool = (await seen())?.pool;
      this.reset();
      if (pool) for (const [what, count] of Object.entries(pool)) this.set({ what }, count);
    },
  });
  watchWebhooks(async () => (await seen())?.undelivered, registers);
}

function watchWebhooks(undelivered: () => Promise<number | undefined>, registers: Registry[]): void {
  new Gauge({
    name: "coatcheck_webhooks_waiting",
    help: "Webhooks that their endpoints have not taken yet",
    registers,
    async collect() {
      const count = await undelivered();
      this.reset();
      if (count !== undefined) this.set(count);
    },
  });
}
