import { randomBytes } from "node:crypto";
import type { TestContext } from "node:test";
import { setTimeout } from "node:timers/promises";
import type { Cluster, TestDatabase } from "../servers/postgres.ts";
import { COLUMNS, Instance, type StoredRow } from "./brokers.ts";
import type { Rotation } from "./issuers.ts";
import { Load } from "./load.ts";
import { type Provider, startProvider } from "./provider.ts";
import type { Random } from "./random.ts";

/** More than any refresh takes here: a claim that is still the same after this has an owner that does nothing. Milliseconds. */
const STILL_MS = 3_000;

/** A living instance renews a claim each 5 s; on a starved machine its refresh takes longer than the above. Milliseconds. */
const RENEWED_MS = 6_000;

/** Three instances on one database, under load. */
export interface Fleet {
  readonly provider: Provider;
  readonly instances: readonly Instance[];
  readonly load: Load;
  /**
   * Finds what instances that are dead or stopped had in hand, and answers the names in doubt. `surely`: where nothing is expected,
   * what is found is looked at again, since the slow refresh of one that lives is nobody's doubt.
   */
  examine(diedAt: number, surely?: boolean): Promise<readonly string[]>;
  /** Ends the leases of what `examine` found, to save the 20 s. */
  endLeases(): Promise<void>;
}

export interface FleetOptions {
  readonly postgres: Cluster;
  readonly random: Random;
  readonly rotation?: Rotation;
  readonly credentials: number;
  /** More for the environment of the instances. */
  readonly env?: Record<string, string>;
}

export async function startFleet(
  t: TestContext,
  { postgres, random, rotation, credentials, ...options }: FleetOptions,
): Promise<Fleet> {
  const database = await postgres.database(t, "real clock");
  const provider = await startProvider(t, random, rotation);
  const key = randomBytes(32).toString("base64url");
  const env = { COATCHECK_KEY: key, COATCHECK_DATABASE: database.url, ...options.env };
  const instances = Array.from({ length: 3 }, () => new Instance(t, env));
  await Promise.all(instances.map((instance) => instance.start()));
  const load = new Load(provider, instances, random, { key, credentials });
  await load.begin(t, 4);
  const known = new Set<string>();
  const examine = async (diedAt: number, surely = false) => {
    const before = await stored(database);
    await setTimeout(STILL_MS);
    let rows = await stored(database);
    let left = rows.filter((row) => isStill(row, before) && !known.has(row.claim ?? ""));
    if (surely && left.length > 0) {
      await setTimeout(RENEWED_MS);
      rows = await stored(database);
      const earlier = left;
      left = rows.filter((row) => isStill(row, earlier) && !isRenewed(row, earlier));
    }
    for (const { claim } of left) known.add(claim ?? "");
    const rescued = new Set(instances.flatMap((instance) => [...instance.rescued()]));
    return load.examine({ rows, left, rescued, diedAt });
  };
  const endLeases = async () => {
    await database.admin.query("UPDATE coatcheck_row SET claim_until = 0 WHERE claim = ANY($1)", [[...known]]);
  };
  return { provider, instances, load, examine, endLeases };
}

function isStill({ id, claim }: StoredRow, before: readonly StoredRow[]): boolean {
  return claim !== null && before.some((row) => row.id === id && row.claim === claim);
}

function isRenewed({ id, claim_until }: StoredRow, before: readonly StoredRow[]): boolean {
  return before.some((row) => row.id === id && row.claim_until !== claim_until);
}

async function stored({ admin }: TestDatabase): Promise<readonly StoredRow[]> {
  const { rows } = await admin.query<StoredRow>(`SELECT ${COLUMNS} FROM coatcheck_row`);
  return rows;
}
