import type { Bench, Row } from "../bench.ts";
import { fill, YOUNG } from "../fill.ts";
import { atLeast, type Figure } from "../report.ts";
import { declare, startBroker, startProvider, TOKEN } from "../stage.ts";
import { readInTurns } from "./reads.ts";

const FEW = 1_000;

async function random(bench: Bench, store: "SQLite" | "PostgreSQL"): Promise<readonly Figure[]> {
  const many = store === "SQLite" ? bench.pick(1_000_000, 100_000) : bench.pick(1_000_000, 20_000);
  const provider = await startProvider(bench);
  const targets = [];
  for (const count of [FEW, many]) {
    const database = store === "PostgreSQL" ? await bench.database() : undefined;
    if (store === "PostgreSQL" && !database) return [];
    const data = bench.folder();
    const first = await startBroker(bench, { data, database });
    await declare(first, provider);
    await first.stop();
    await fill({ data, database }, count, (index) => (YOUNG * index) / count);
    const { base, pid } = await startBroker(bench, { data, database });
    const headers = { "X-Vault-Token": TOKEN };
    targets.push({ what: String(count), url: base, pid, path: "/v1/oauth2/creds/c-{n}", headers, names: count });
  }
  const [few, all] = await readInTurns(bench, targets, 32);
  if (!few || !all) return [];
  const wanted = store === "SQLite" ? 0.9 : 0.7;
  return [
    {
      ...{ what: `${store}, ${many.toLocaleString("en")} credentials`, value: all.perSecond, unit: "/s" },
      limit: { what: "of 1,000", value: few.perSecond },
      processor: { micros: all.micros, limit: few.micros },
      wanted: atLeast(all.perSecond / few.perSecond, wanted, `>= ${wanted}`),
    },
  ];
}

export const randomRow: Row = {
  name: "random",
  title: "Reads at random",
  how: "Names are drawn uniformly, 32 connections; in turns with a second broker of 1,000 credentials, all of which its memory holds.",
  run: async (bench) => [...(await random(bench, "SQLite")), ...(await random(bench, "PostgreSQL"))],
};
