import { randomBytes } from "node:crypto";
import type { Bench, Row } from "../bench.ts";
import { drive } from "../drive.ts";
import { fill } from "../fill.ts";
import { atLeast, atMost, type Figure } from "../report.ts";
import { type Broker, declare, startBroker, startProvider, TOKEN } from "../stage.ts";
import { refreshed } from "./refreshes.ts";

async function read(bench: Bench, brokers: readonly Broker[]) {
  const load = { path: "/v1/oauth2/creds/me", headers: { "X-Vault-Token": TOKEN }, connections: 16 };
  const operations = bench.pick(20_000, 4_000);
  const all = await Promise.all(
    brokers.map(({ base, pid }) => drive({ ...load, url: base, pid, operations, seconds: 10 })),
  );
  const perSecond = all.reduce((sum, one) => sum + one.perSecond, 0);
  return { perSecond, micros: all.reduce((sum, one) => sum + (one.processorMicros ?? 0), 0) / all.length };
}

/** Of two and of three, beside the first alone. */
async function reads(bench: Bench, brokers: readonly Broker[]): Promise<readonly Figure[]> {
  await read(bench, brokers);
  const one = await read(bench, brokers.slice(0, 1));
  const figures: Figure[] = [];
  for (const count of [2, 3]) {
    const { perSecond, micros } = await read(bench, brokers.slice(0, count));
    figures.push({
      ...{
        what: `reads of ${count} instances`,
        value: perSecond,
        unit: "/s",
        limit: { what: "of 1", value: one.perSecond },
      },
      processor: { micros, limit: one.micros },
      wanted: atLeast(one.micros / micros, 0.9, ">= 0.9 for each, by processor time"),
    });
  }
  return figures;
}

async function run(bench: Bench): Promise<readonly Figure[]> {
  const database = await bench.database();
  if (!database) return [];
  const provider = await startProvider(bench);
  const env = { COATCHECK_KEY: randomBytes(32).toString("base64url") };
  const next = () => startBroker(bench, { data: bench.folder(), database, env });
  const first = await next();
  await declare(first, provider);
  await first.call("PUT", "/v1/oauth2/creds/me", { server: "as", refresh_token: "rt" });
  const brokers = [first, await next(), await next()];
  const figures = await reads(bench, brokers);
  const count = bench.pick(5_000, 1_000);
  const { refreshes } = await provider.wish({});
  for (const broker of brokers) await broker.stop();
  await fill({ data: bench.folder(), database, env }, count, () => 0.99);
  const from = performance.now();
  await Promise.all([next(), next(), next()]);
  const done = (await refreshed(provider, refreshes + count)) - refreshes;
  const { doubled } = await provider.wish({});
  const seconds = (performance.now() - from) / 1_000;
  return [
    ...figures,
    {
      what: `${done.toLocaleString("en")} refreshes by 3 instances, their starts included`,
      value: done / seconds,
      unit: "/s",
    },
    {
      ...{ what: "refresh tokens that were used twice", value: doubled, unit: "" },
      wanted: atMost(doubled, 0, "none"),
    },
  ];
}

export const instancesRow: Row = {
  name: "instances",
  title: "Several instances on one PostgreSQL",
  how: "All of them, the database, the provider and the load share this machine, so the rate says little where it has two cores: what an added instance costs shows in the processor time of a read.",
  run,
};
