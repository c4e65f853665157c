import { type Bench, inTurns, median, type Row } from "../bench.ts";
import { type Driven, drive } from "../drive.ts";
import { atLeast, atMost, type Figure } from "../report.ts";
import { declare, signIn, startBare, startBroker, startProvider, TOKEN } from "../stage.ts";

/** One of the servers that answer in turns. */
export interface Target {
  readonly what: string;
  readonly url: URL;
  readonly pid: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Microseconds of processor time that are wanted; absent for the limit. */
  readonly wanted?: number;
}

/** Of one round, where the machine has no time for all operations. Seconds. */
const MOST_S = 3;

/** Medians of several rounds in turns; an answer that is none of 200 to 299 ends the run. */
export async function readInTurns(bench: Bench, targets: readonly Target[], connections: number, names = 1) {
  const operations = bench.pick(20_000, 5_000);
  const load = (target: Target, count: number) => () =>
    drive({ ...target, connections, names, operations: count, seconds: MOST_S });
  // What was not compiled before, and what was not read before.
  await inTurns(
    1,
    targets.map((target) => load(target, operations)),
  );
  const rounds = await inTurns(
    bench.pick(7, 3),
    targets.map((target) => load(target, operations)),
  );
  const wrong = rounds.flat().find(({ errors }) => Object.keys(errors).length > 0);
  if (wrong) throw new Error(JSON.stringify(wrong.errors));
  return rounds.map((all) => {
    const of = (part: (one: Driven) => number) => median(all.map(part));
    return {
      perSecond: of((one) => one.perSecond),
      p99: of((one) => one.p99),
      micros: of((one) => one.processorMicros ?? 0),
    };
  });
}

async function reads(bench: Bench, connections: number, targets: readonly Target[]): Promise<readonly Figure[]> {
  const [limit, ...ours] = await readInTurns(bench, targets, connections);
  if (!limit) return [];
  return ours.flatMap(({ perSecond, p99, micros }, index) => {
    const { what = "", wanted = 0 } = targets[index + 1] ?? {};
    const figure = `${what}, ${connections} connections`;
    const beside = `bare node:http`;
    return [
      {
        ...{ what: figure, value: perSecond, unit: "/s", limit: { what: beside, value: limit.perSecond } },
        ...{ processor: { micros, limit: limit.micros }, wanted: atMost(micros, wanted, `<= ${wanted} µs`) },
      },
      {
        ...{ what: `${figure}, p99`, value: p99, unit: "ms", limit: { what: beside, value: limit.p99 } },
        wanted: atMost(p99 / limit.p99, 3, "<= 3 x its p99"),
      },
    ];
  });
}

async function targetsOf(bench: Bench, store: "SQLite" | "PostgreSQL"): Promise<readonly Target[] | undefined> {
  const database = store === "PostgreSQL" ? await bench.database() : undefined;
  if (store === "PostgreSQL" && !database) return undefined;
  const provider = await startProvider(bench);
  const broker = await startBroker(bench, { data: bench.folder(), database });
  await declare(broker, provider);
  await broker.call("PUT", "/v1/oauth2/creds/me", { server: "as", refresh_token: "rt" });
  const secret = await signIn(broker, provider);
  const bare = await startBare(bench, JSON.stringify((await broker.call("GET", "/v1/oauth2/creds/me")).body));
  const [creds, session] = ["/v1/oauth2/creds/me", "/session/token"];
  const operator = { "X-Vault-Token": TOKEN };
  const of = { url: broker.base, pid: broker.pid };
  const isLocal = store === "SQLite";
  return [
    { what: "bare", url: bare.base, pid: bare.pid, path: creds, headers: operator },
    { ...of, what: `\`GET creds/NAME\`, ${store}`, path: creds, headers: operator, wanted: isLocal ? 35 : 60 },
    {
      ...{ ...of, what: `\`GET /session/token\`, ${store}`, path: session, wanted: isLocal ? 40 : 60 },
      headers: { Authorization: `Bearer ${secret}` },
    },
  ];
}

const HOW = `One valid token is read over and over, in turns with a bare \`node:http\` server that answers the same bytes; medians. The broker logs at
\`info\` into a pipe that is read.`;

export const readsRow: Row = {
  name: "reads",
  title: "Reads of a valid token",
  how: HOW,
  run: async (bench) => {
    const figures: Figure[] = [];
    for (const store of ["SQLite", "PostgreSQL"] as const) {
      const targets = await targetsOf(bench, store);
      if (!targets) continue;
      for (const connections of [32, 256]) figures.push(...(await reads(bench, connections, targets)));
    }
    const [first] = figures;
    const ratio = (first?.value ?? 0) / (first?.limit?.value ?? 1);
    return first ? [...figures, rate(first, ratio)] : figures;
  },
};

function rate({ what, value, limit }: Figure, ratio: number): Figure {
  return {
    ...{ what: `rate: ${what}`, value, unit: "/s", ...(limit && { limit }) },
    wanted: atLeast(ratio, 0.5, ">= 0.5 of the bare server's"),
  };
}
