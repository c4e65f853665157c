import { setTimeout } from "node:timers/promises";
import { ask } from "../ask.ts";
import { at, type Bench, type Row } from "../bench.ts";
import { drive } from "../drive.ts";
import { atMost, type Figure } from "../report.ts";
import { declare, residentOf, startBroker, startProvider, TOKEN, usageOf } from "../stage.ts";

const GRANT = "urn:ietf:params:oauth:grant-type:device_code";

async function run(bench: Bench): Promise<readonly Figure[]> {
  const count = bench.pick(10_000, 1_500);
  const provider = await startProvider(bench);
  const broker = await startBroker(bench, { data: bench.folder() });
  await declare(broker, provider);
  await provider.wish({ interval: 5 });
  const headers = { "X-Vault-Token": TOKEN };
  const body = JSON.stringify({ server: "as", grant_type: GRANT });
  const before = residentOf(broker);
  const load = { url: broker.base, method: "PUT", path: "/v1/oauth2/creds/flow-{i}", headers, body };
  const begun = await drive({ ...load, connections: 16, operations: count, seconds: bench.pick(300, 60) });
  if (Object.keys(begun.errors).length > 0) throw new Error(JSON.stringify(begun.errors));
  // Until all have been polled once or twice.
  await setTimeout(bench.pick(10_000, 10_000));
  const { polls } = await provider.wish({});
  const { processor } = await usageOf([broker.pid], () => setTimeout(bench.pick(60_000, 20_000)));
  const told = await provider.wish({});
  const [polled, memory] = [told.polls - polls, residentOf(broker) - before];
  const limit = await ask(bench, provider, Math.max(100, Math.min(polled, 5_000)), false);
  return figuresOf({
    ...told,
    flows: begun.operations,
    memory,
    limit: limit.micros,
    micros: (processor * 1_000) / Math.max(1, polled),
  });
}

interface Seen {
  readonly flows: number;
  readonly lateness: readonly number[];
  /** MiB. */
  readonly memory: number;
  readonly micros: number;
  readonly limit: number;
}

function figuresOf({ flows, lateness, memory, micros, limit }: Seen): readonly Figure[] {
  const [late, early] = [at(lateness, 0.99), lateness.filter((ms) => ms < 0).length];
  return [
    {
      ...{
        what: `${flows.toLocaleString("en")} pending flows at 5 s: lateness of a poll, p99`,
        value: late,
        unit: "ms",
      },
      wanted: atMost(late, 500, "< 500 ms"),
    },
    {
      ...{ what: "processor time of a poll", value: micros, unit: "µs", limit: { what: "bare POST", value: limit } },
      wanted: atMost(micros / limit, 2, "<= 2"),
    },
    {
      ...{ what: `polls that came early, of ${lateness.length}`, value: early, unit: "" },
      wanted: atMost(early, 0, "none"),
    },
    { what: "memory for each, what was not used before included", value: (memory * 1_024) / flows, unit: "KiB" },
  ];
}

export const pendingRow: Row = {
  name: "pending",
  title: "Pending device flows",
  how: "The provider counts from the end of its own answer to the next poll, less the interval. The limit: the same POST by `node:http`, eight under way.",
  run,
};
