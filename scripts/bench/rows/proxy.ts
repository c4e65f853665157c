import { type Bench, inTurns, median, type Row } from "../bench.ts";
import { type Driven, drive } from "../drive.ts";
import { atLeast, atMost, type Figure } from "../report.ts";
import { declare, signIn, startBroker, startProvider } from "../stage.ts";

/** Of one round, where the machine has no time for all operations. Seconds. */
const MOST_S = 5;

/** Measures one path in turns, directly and through the broker. */
type Pair = (path: string, operations: number, connections: number) => Promise<readonly (readonly Driven[])[]>;

async function startPair(bench: Bench): Promise<Pair> {
  const provider = await startProvider(bench);
  const broker = await startBroker(bench, { data: bench.folder() });
  await declare(broker, provider);
  const headers = { Authorization: `Bearer ${await signIn(broker, provider)}` };
  const direct = { url: new URL(provider.issuer), pid: provider.pid, headers: {} };
  const through = { url: broker.base, pid: broker.pid, headers };
  return (path, operations, connections) => {
    const both = [
      { ...direct, path: `/api/${path}` },
      { ...through, path: `/session/proxy/api/${path}` },
    ];
    return inTurns(
      bench.pick(7, 3),
      both.map((load) => () => drive({ ...load, connections, operations, seconds: MOST_S })),
    );
  };
}

async function run(bench: Bench): Promise<readonly Figure[]> {
  const pair = await startPair(bench);
  const figures: Figure[] = [];
  const [few = [], more = []] = await pair("small", bench.pick(2_000, 500), 1);
  if (more.some(({ errors }) => Object.keys(errors).length > 0)) throw new Error(JSON.stringify(more[0]?.errors));
  const [bare, proxied] = [median(few.map(({ p50 }) => p50)), median(more.map(({ p50 }) => p50))];
  figures.push({
    ...{ what: "a small answer, one after the other, p50", value: proxied, unit: "ms" },
    limit: { what: "direct", value: bare },
    processor: { micros: median(more.map((one) => one.processorMicros ?? 0)) },
    wanted: atMost(proxied - bare, 0.3, "<= 0.3 ms more"),
  });
  for (const path of ["large", "streamed"]) {
    const [alone = [], passed = []] = await pair(path, bench.pick(300, 60), 4);
    const rate = (all: typeof alone) => median(all.map(({ perSecond }) => perSecond));
    figures.push({
      ...{
        what: `1 MiB, ${path === "large" ? "with its length" : "in 16 chunks"}`,
        value: rate(passed),
        unit: "MiB/s",
      },
      limit: { what: "direct", value: rate(alone) },
      processor: { micros: median(passed.map((one) => one.processorMicros ?? 0)) },
      wanted: atLeast(rate(passed) / rate(alone), 0.8, ">= 0.8"),
    });
  }
  return figures;
}

export const proxyRow: Row = {
  name: "proxy",
  title: "Requests through the proxy",
  how: "An API on this machine, without TLS and without a network: what is left is what the broker does. The answer is searched for the token, as always.",
  run,
};
