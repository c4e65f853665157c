import { setTimeout } from "node:timers/promises";
import type { Bench, Row } from "../bench.ts";
import { drive } from "../drive.ts";
import { atMost, type Figure } from "../report.ts";
import { declare, startBare, startBroker, startProvider, TOKEN } from "../stage.ts";
import { memoryOf } from "../usage.ts";

/** Where the machine has no time for all operations. Seconds. */
const MOST_S = 30;

async function run(bench: Bench): Promise<readonly Figure[]> {
  const provider = await startProvider(bench);
  const broker = await startBroker(bench, { data: bench.folder() });
  await declare(broker, provider);
  const bare = await startBare(bench, "{}");
  const put = {
    ...{ method: "PUT", path: "/v1/oauth2/creds/load-{i}", connections: 32, headers: { "X-Vault-Token": TOKEN } },
    body: '{"server":"as","refresh_token":"rt-{i}"}',
  };
  const operations = bench.pick(5_000, 1_500);
  const load = { ...put, url: broker.base, pid: broker.pid, seconds: MOST_S };
  const limit = await drive({ ...put, url: bare.base, pid: bare.pid, operations });
  // What was not compiled before.
  await drive({ ...load, path: "/v1/oauth2/creds/first-{i}", operations: bench.pick(1_000, 400) });
  const ours = await drive({ ...load, operations });
  if (Object.keys(ours.errors).length > 0) throw new Error(JSON.stringify(ours.errors));
  await setTimeout(bench.pick(10_000, 5_000));
  const { now, peak } = memoryOf(broker.pid);
  const micros = ours.processorMicros ?? 0;
  return [
    {
      ...{ what: "import by a refresh token", value: ours.perSecond, unit: "/s" },
      limit: { what: "bare `PUT`", value: limit.perSecond },
      processor: { micros, limit: limit.processorMicros ?? 0 },
      wanted: atMost(micros, 600, "<= 600 µs"),
    },
    {
      ...{ what: `memory after ${ours.operations.toLocaleString("en")} imports: the most`, value: peak, unit: "MiB" },
      wanted: atMost(peak, 160, "<= 160 MiB"),
    },
    { what: "memory at rest after them", value: now, unit: "MiB" },
  ];
}

export const importsRow: Row = {
  name: "imports",
  title: "Imports",
  how: "`PUT creds/NAME` with a refresh token, each of another name, 32 connections: one request to a provider that answers at once, and what is stored is durable before the answer.",
  run,
};
