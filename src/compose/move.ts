import { join } from "node:path";
import { filledBy, isOlder, leaveStore, leftBy, movedOwner, OWNER } from "../broker/record/owner.ts";
import { systemClock } from "../process/clock.ts";
import type { Config } from "../process/config.ts";
import { loadKeys } from "../seal/key-file.ts";
import type { Seal } from "../seal/port.ts";
import { type Row, type Store, StoreUnusable } from "../store/port.ts";
import { openSqliteSnapshot } from "../store/sqlite/snapshot.ts";
import { openSqliteStore } from "../store/sqlite/store.ts";
import { DEPLOYMENT, knownDeployment } from "./deployment.ts";
import { requireOwnData } from "./own-data.ts";
import { openStore } from "./store.ts";
import { witnessOf } from "./witness.ts";

export interface Moved {
  /** UUID of the deployment. */
  readonly deployment: string;
  readonly rows: number;
  /** An earlier call has done it all. */
  readonly already: boolean;
}

/**
 * Moves everything from the SQLite file of the data folder into an empty database, all of it or nothing. First the file is left, which
 * is durable: by `handOver` where a broker serves it, else here. Until the new broker starts, nobody sends anything; whoever is killed on the
 * way, the same call goes on. Throws `KeyUnusable`, `StoreUnusable`, `StoreUnavailable`, or a system error.
 */
export async function moveToDatabase(config: Config, handOver?: (deployment: string) => Promise<void>): Promise<Moved> {
  requireOwnData(config);
  const path = join(config.data, "coatcheck.db");
  const { id, seal } = await deploymentAt(config, path);
  const target = await openStore(config, systemClock);
  try {
    const done = { deployment: id, rows: 0, already: true };
    if (await isFilled(target, path, { id, seal })) return done;
    await requireNewest(config, path, { id, seal });
    await (handOver ?? (() => leave(path, seal)))(id);
    const rows = await copyInto(target, path, seal);
    if (rows !== undefined) return { deployment: id, rows, already: false };
    // Somebody filled it meanwhile: this move, called twice, or whoever it was.
    if (await isFilled(target, path, { id, seal })) return done;
    throw new StoreUnusable(NOT_EMPTY);
  } finally {
    await target.close();
  }
}

const NOT_EMPTY = "the database holds other data already: give an empty one";

/** Whether this very move has filled it. Throws `StoreUnusable` where anything else has, be it an older state of the same deployment. */
async function isFilled(target: Store, path: string, { id, seal }: { id: string; seal: Seal }): Promise<boolean> {
  if ((await target.scan("", 1)).length === 0) return false;
  const there = await target.read(DEPLOYMENT);
  const owner = there?.id === id ? await target.read(OWNER) : undefined;
  const snapshot = openSqliteSnapshot(path);
  try {
    const left = await snapshot.read(OWNER);
    const move = left && leftBy({ seal }, left);
    if (move === undefined || !owner || filledBy({ seal }, owner) !== move) throw new StoreUnusable(NOT_EMPTY);
    return true;
  } finally {
    await snapshot.close();
  }
}

/** The witness knows of a newer state: then the tokens of this one are in doubt, and it may not be moved as the newest. */
async function requireNewest(config: Config, path: string, { id, seal }: { id: string; seal: Seal }): Promise<void> {
  // In this order: what was seen is older than what is found.
  const seen = witnessOf(config).read();
  const snapshot = openSqliteSnapshot(path);
  try {
    const row = await snapshot.read(OWNER);
    if (isOlder({ seal }, { row, progress: snapshot.progress, seen }, id))
      throw new StoreUnusable(
        "this SQLite file is older than what was last used of it: start a broker on it first, which says what to do",
      );
  } finally {
    await snapshot.close();
  }
}

/** Proves the key before anything is changed. */
async function deploymentAt({ key, data }: Config, path: string) {
  const snapshot = openSqliteSnapshot(path);
  try {
    const row = await snapshot.read(DEPLOYMENT);
    if (!row) throw new StoreUnusable("no broker has used this store yet: there is nothing to move");
    return knownDeployment(row, loadKeys(key, data, { mayCreate: false }).keys);
  } finally {
    await snapshot.close();
  }
}

/** Nobody serves it: its lock proves that. */
async function leave(path: string, seal: Seal): Promise<void> {
  const store = await openSqliteStore({ path, clock: systemClock });
  try {
    await leaveStore({ store, seal, life: { stopping: false }, clock: systemClock });
  } finally {
    await store.close();
  }
}

/** Answers the number of rows; undefined where the database was not empty. */
async function copyInto(target: Store, path: string, seal: Seal): Promise<number | undefined> {
  const snapshot = openSqliteSnapshot(path);
  try {
    const owner = await snapshot.read(OWNER);
    if (!owner || leftBy({ seal }, owner) === undefined) {
      throw new StoreUnusable("the broker has not left its SQLite file: nothing was moved");
    }
    let rows = 0;
    const moving = async function* (): AsyncGenerator<Row> {
      for await (const row of snapshot.rows()) {
        rows += 1;
        yield row.id === owner.id ? movedOwner({ seal }, row) : row;
      }
    };
    return (await target.fill(moving(), snapshot.progress)) ? rows : undefined;
  } finally {
    await snapshot.close();
  }
}
