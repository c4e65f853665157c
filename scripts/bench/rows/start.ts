import { execFileSync } from "node:child_process";
import { setTimeout } from "node:timers/promises";
import { type Bench, inTurns, median, type Row } from "../bench.ts";
import { bytesOf, fill, YOUNG } from "../fill.ts";
import { atMost, type Figure } from "../report.ts";
import { type Broker, declare, residentOf, startBroker, startProvider, usageOf } from "../stage.ts";
import { processorMs } from "../usage.ts";

/** Milliseconds of one tick in /proc/PID/stat. */
const TICK = 10;

/** Mean processor time of a short command, with its children. Milliseconds. */
function processorOf(command: readonly string[], times: number): number {
  const script = `i=0; while [ $i -lt ${times} ]; do "$@" > /dev/null; i=$((i+1)); done; cat /proc/$$/stat`;
  const stat = execFileSync("sh", ["-c", script, "sh", ...command], { encoding: "utf8" });
  const fields = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .map(Number);
  return (((fields[13] ?? 0) + (fields[14] ?? 0)) * TICK) / times;
}

async function startOnce(bench: Bench, data: string): Promise<number> {
  const broker = await startBroker(bench, { data });
  await broker.call("GET", "/v1/oauth2/creds/c-0");
  const spent = processorMs(broker.pid);
  await broker.stop();
  return spent;
}

async function filled(bench: Bench, count: number): Promise<string> {
  const data = bench.folder();
  const provider = await startProvider(bench);
  const first = await startBroker(bench, { data });
  await declare(first, provider);
  await first.stop();
  // None is due within the minutes that this lasts.
  await fill({ data }, count, (index) => (0.8 * YOUNG * index) / count);
  return data;
}

/** Processor time of a minute without requests, in milliseconds, and what is resident then, in MiB. */
async function rest(bench: Bench, broker: Broker): Promise<{ readonly minute: number; readonly memory: number }> {
  await setTimeout(bench.pick(15_000, 5_000));
  const seconds = bench.pick(60, 20);
  const { processor } = await usageOf([broker.pid], () => setTimeout(seconds * 1_000));
  return { minute: (processor * 60) / seconds, memory: residentOf(broker) };
}

async function run(bench: Bench): Promise<readonly Figure[]> {
  const [few, many] = [1_000, bench.pick(1_000_000, 100_000)];
  const [small, large] = [await filled(bench, few), await filled(bench, many)];
  const node = async () => processorOf([process.execPath, "-e", "0"], 5);
  const works = [node, () => startOnce(bench, small), () => startOnce(bench, large)];
  const [bare = 0, start = 0, startMany = 0] = (await inTurns(bench.pick(9, 5), works)).map(median);
  const brokers = [await startBroker(bench, { data: small }), await startBroker(bench, { data: large })];
  const [rested, restedMany] = await Promise.all(brokers.map((broker) => rest(bench, broker)));
  if (!rested || !restedMany) return [];
  const limit = (value: number) => ({ what: `with ${few.toLocaleString("en")}`, value });
  const with_ = `with ${many.toLocaleString("en")} credentials`;
  return [
    {
      ...{
        what: `start to the first answered read, with ${few.toLocaleString("en")} credentials`,
        value: start,
        unit: "ms of processor time",
      },
      ...{ limit: { what: "`node -e 0`", value: bare }, wanted: atMost(start, 200, "<= 200 ms") },
    },
    {
      ...{ what: `the same ${with_}`, value: startMany, unit: "ms of processor time" },
      ...{ limit: limit(start), wanted: atMost(startMany / start, 1.15, "stays flat") },
    },
    {
      ...{ what: `a minute at rest ${with_}`, value: restedMany.minute, unit: "ms of processor time" },
      ...{ limit: limit(rested.minute), wanted: atMost(restedMany.minute, 50, "<= 50 ms") },
    },
    {
      ...{ what: `memory at rest ${with_}`, value: restedMany.memory, unit: "MiB" },
      ...{ limit: limit(rested.memory), wanted: atMost(restedMany.memory / rested.memory, 1.15, "stays flat") },
    },
    {
      what: "file, for each credential (its access token has 600 bytes)",
      value: bytesOf({ data: large }, many),
      unit: "bytes",
    },
  ];
}

export const startRow: Row = {
  name: "start",
  title: "Start, rest, and what is stored",
  how: "A start until the first read is answered, in turns; then both brokers at rest beside each other. SQLite.",
  run,
};
