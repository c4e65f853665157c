import { setTimeout } from "node:timers/promises";
import { ask, fsyncs } from "../ask.ts";
import type { Asked } from "../asker.ts";
import { at, type Bench, type Row } from "../bench.ts";
import { fill } from "../fill.ts";
import { atLeast, atMost, type Figure } from "../report.ts";
import { type Broker, declare, type Provider, startBroker, startProvider, usageOf } from "../stage.ts";

/** All of them are due as the broker starts: 1 % of their hour is left. */
const DUE = 0.99;

/** Where the machine has no time for all of them. Milliseconds. */
const MOST_MS = 60_000;

/** Until the provider has seen so many refreshes, or time is over; answers how many there were. */
export async function refreshed(provider: Provider, count: number): Promise<number> {
  const end = performance.now() + MOST_MS;
  for (;;) {
    const { refreshes } = await provider.wish({});
    if (refreshes >= count || performance.now() > end) return refreshes;
    await setTimeout(20);
  }
}

/** Upper bounds of a histogram's buckets, and how many values are at most that; the last is infinite. Seconds. */
async function buckets(broker: Broker, name: string): Promise<readonly (readonly [bound: number, count: number])[]> {
  const { body } = await broker.call("GET", "/v1/sys/metrics");
  const line = new RegExp(`^${name}_bucket\\{le="([^"]+)"\\} (\\d+)$`, "gm");
  return [...String(body).matchAll(line)].map(([, le = "", count]) => [
    le === "+Inf" ? Infinity : Number(le),
    Number(count),
  ]);
}

/** A folder whose broker has so many refreshes to do as it starts. */
async function dueFolder(bench: Bench, provider: Provider, count: number): Promise<string> {
  const data = bench.folder();
  const first = await startBroker(bench, { data });
  await declare(first, provider);
  await first.stop();
  await fill({ data }, count, () => DUE);
  return data;
}

/** Upper bound of the time in which 99 of 100 answers were durable, beside the disk itself. */
async function durable(broker: Broker, disk: readonly number[]): Promise<Figure> {
  const all = await buckets(broker, "coatcheck_answer_durable_seconds");
  const total = all.at(-1)?.[1] ?? 0;
  const bound = (all.find(([, below]) => below >= total * 0.99)?.[0] ?? 0) * 1_000;
  const fsync = at(disk, 0.99);
  return {
    ...{ what: `last byte of the answer → durable, p99 of ${total}: at most`, value: bound, unit: "ms" },
    limit: { what: "one fsync, p99", value: fsync },
    wanted: atMost(bound, fsync + 5, "<= one fsync + 5 ms"),
  };
}

async function run(bench: Bench): Promise<readonly Figure[]> {
  const count = bench.pick(5_000, 1_500);
  const provider = await startProvider(bench);
  const data = await dueFolder(bench, provider, count);
  const limits = [await ask(bench, provider, count, true)];
  const { refreshes } = await provider.wish({});
  const disk = [...fsyncs(data, 100)];
  const broker = await startBroker(bench, { data });
  // The first tenth is compiled.
  const begun = await refreshed(provider, refreshes + Math.ceil(count / 10));
  let ended = begun;
  const { processor, milliseconds } = await usageOf([broker.pid], async () => {
    ended = await refreshed(provider, refreshes + count);
  });
  const done = ended - begun;
  disk.push(...fsyncs(data, 100));
  const { doubled } = await provider.wish({});
  if (doubled > 0) throw new Error(`${doubled} refresh tokens were used twice`);
  limits.push(await ask(bench, provider, count, true));
  const mean = (of: (one: Asked) => number) => limits.reduce((sum, one) => sum + of(one), 0) / limits.length;
  const [limit, perSecond] = [mean((one) => one.perSecond), (done * 1_000) / milliseconds];
  return [
    {
      ...{ what: "refreshes, all due at once", value: perSecond, unit: "/s" },
      limit: { what: "bare POST and a durable commit", value: limit },
      processor: { micros: (processor * 1_000) / done, limit: mean((one) => one.micros) },
      wanted: atLeast(perSecond / limit, 0.5, ">= 0.5"),
    },
    await durable(broker, disk),
  ];
}

export const refreshesRow: Row = {
  name: "refreshes",
  title: "Refreshes",
  how: "One instance, SQLite on the disk, a provider that answers at once and rotates strictly; tokens were used once each. The limit: eight POSTs under way by `node:http`, and one transaction for the answers of a turn.",
  run,
};
