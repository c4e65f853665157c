import { Counter, Gauge, Histogram, Registry } from "prom-client";

/**
 * What operators watch, as Prometheus reads it. Labels are chosen from closed lists, so their number is bounded, and none
 * holds a name, a server or a text from outside.
 */
export interface Metrics {
  /** One attempt at a credential: a poll, a refresh, an expiry … and what became of it. */
  attempt(kind: string, outcome: string): void;
  /** How long after its due time a row was claimed (DEV-24). Seconds. */
  lateness(task: string, seconds: number): void;
  /** The store did not take a write at once. */
  storeTrouble(): void;
  /** A token was read from memory, because the store did not answer. */
  outageRead(): void;
  /** Records by the key they are sealed under, as far as it is known. */
  seals(count: { readonly first: number; readonly others: number }): void;
  /** Records that were sealed anew under the first key. */
  resealed(count: number): void;
  /** The exposition text of all of them. */
  text(): Promise<string>;
}

/** Seconds; the schedule promises a second where there is room. */
const LATENESS_BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 1_800];

/** What is asked when the metrics are read. */
export interface Gauges {
  readonly operations: number;
  readonly refreshes: number;
  /** The store is a copy that must not act. */
  readonly copy: boolean;
}

export function createMetrics(gauges: () => Gauges): Metrics {
  const registers = [new Registry()];
  const attempts = new Counter({
    name: "coatcheck_attempts_total",
    help: "Attempts at credentials, by kind and outcome",
    labelNames: ["kind", "outcome"],
    registers,
  });
  const lateness = new Histogram({
    name: "coatcheck_lateness_seconds",
    help: "Time between when a task was due and when it was begun",
    labelNames: ["task"],
    buckets: LATENESS_BUCKETS,
    registers,
  });
  const count = (name: string, help: string) => new Counter({ name: `coatcheck_${name}_total`, help, registers });
  const trouble = count("store_trouble", "Writes that the store did not take at once");
  const outageReads = count("outage_reads", "Tokens read from memory while the store did not answer");
  watch(gauges, registers);
  return {
    attempt: (kind, outcome) => attempts.inc({ kind, outcome }),
    lateness: (task, seconds) => lateness.observe({ task }, Math.max(0, seconds)),
    storeTrouble: () => trouble.inc(),
    outageRead: () => outageReads.inc(),
    ...sealMetrics(registers),
    text: async () => (await Promise.all(registers.map((registry) => registry.metrics()))).join(""),
  };
}

function watch(gauges: () => Gauges, registers: Registry[]): void {
  new Gauge({
    name: "coatcheck_under_way",
    help: "Operations under way, and refreshes among them that may just have been sent",
    labelNames: ["what"],
    registers,
    collect() {
      const { operations, refreshes } = gauges();
      this.set({ what: "operations" }, operations);
      this.set({ what: "refreshes" }, refreshes);
    },
  });
  new Gauge({
    name: "coatcheck_restored_copy",
    help: "1 while the store is a restored copy, and nothing is sent to providers",
    registers,
    collect() {
      this.set(gauges().copy ? 1 : 0);
    },
  });
}

function sealMetrics(registers: Registry[]): Pick<Metrics, "seals" | "resealed"> {
  const seals = new Gauge({
    name: "coatcheck_sealed_records",
    help: "Records sealed under the first key, and under others, when they were counted last",
    labelNames: ["key"],
    registers,
  });
  const resealed = new Counter({
    name: "coatcheck_resealed_total",
    help: "Records that were sealed anew under the first key",
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
