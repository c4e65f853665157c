import { setTimeout } from "node:timers/promises";
import type { Bench, Row } from "../bench.ts";
import { fill, PERIOD_MS } from "../fill.ts";
import { atMost, type Figure } from "../report.ts";
import { declare, startBroker, startProvider, usageOf } from "../stage.ts";

async function run(bench: Bench): Promise<readonly Figure[]> {
  const count = 100_000;
  const provider = await startProvider(bench);
  const data = bench.folder();
  const first = await startBroker(bench, { data });
  await declare(first, provider);
  await first.stop();
  // One that is due in the next minutes has an age just below its time, and each second has as many.
  const part = PERIOD_MS / 3_600_000;
  await fill({ data }, count, (index) => part * (((index * 7_919) % count) / count) * 0.99);
  const broker = await startBroker(bench, { data });
  await setTimeout(bench.pick(30_000, 10_000));
  const before = (await provider.wish({})).refreshes;
  const { processor, milliseconds } = await usageOf([broker.pid], () => setTimeout(bench.pick(120_000, 20_000)));
  const done = (await provider.wish({})).refreshes - before;
  const share = (100 * processor) / milliseconds;
  const expected = (count / PERIOD_MS) * 1_000;
  return [
    {
      ...{ what: "refreshing 100,000 credentials", value: share, unit: "% of one core" },
      processor: { micros: (processor * 1_000) / Math.max(1, done) },
      wanted: atMost(share, 3, "< 3 % of one core"),
    },
    {
      ...{ what: "refreshes", value: (done * 1_000) / milliseconds, unit: "/s" },
      limit: { what: "as many as fall due", value: expected },
    },
  ];
}

export const steadyRow: Row = {
  name: "steady",
  title: "100,000 credentials with tokens of one hour",
  how: "Their ages are spread over the hour, as they are after an hour of work: what falls due each second is refreshed. SQLite.",
  run,
};
