import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { TestContext } from "node:test";
import { COLUMNS, Instance, type StoredRow } from "./brokers.ts";
import type { Rotation } from "./issuers.ts";
import { Load, RESOLVED_MS } from "./load.ts";
import { randomMoment, settleProvider, startProvider } from "./provider.ts";
import { Random } from "./random.ts";

export interface Kills {
  readonly seed: number;
  readonly rotation?: Rotation;
  /** Ends when there were so many kills and so many refreshes. */
  readonly kills: number;
  readonly refreshes: number;
  readonly credentials: number;
}

/** D01, D03: `kill -9` of a broker on SQLite at random moments. */
export async function killSqlite(t: TestContext, { seed, rotation, refreshes, credentials, ...least }: Kills) {
  const random = new Random(seed);
  const provider = await startProvider(t, random, rotation);
  const key = randomBytes(32).toString("base64url");
  const broker = new Instance(t, { COATCHECK_KEY: key });
  await broker.start();
  const load = new Load(provider, [broker], random, { key, credentials });
  await load.begin(t);
  let inDoubt = 0;
  let kills = 0;
  for (; kills < least.kills || provider.ledger.rotations < refreshes; kills++) {
    await randomMoment(provider, random);
    const diedAt = performance.now();
    await broker.end("SIGKILL");
    await settleProvider(provider);
    const rows = storedInSqlite(broker.data);
    const doubtful = load.examine({ rows, left: rows, rescued: broker.rescued(), diedAt });
    inDoubt += doubtful.length;
    await broker.start();
    await load.resolve(doubtful, RESOLVED_MS);
  }
  await load.end(RESOLVED_MS);
  return { kills, inDoubt, ...load.judge() };
}

/** The rows of a broker that does not run. */
export function storedInSqlite(data: string): readonly StoredRow[] {
  const database = new DatabaseSync(join(data, "coatcheck.db"), { readOnly: true });
  const rows = database.prepare(`SELECT ${COLUMNS} FROM row`).all();
  database.close();
  return rows as unknown as readonly StoredRow[];
}
