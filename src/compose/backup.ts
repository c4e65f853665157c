import { join } from "node:path";
import { type Backup, readBackup } from "../backup/read.ts";
import { writeBackup } from "../backup/write.ts";
import { copiedOwner, isOwnerRow } from "../broker/record/owner.ts";
import { systemClock } from "../process/clock.ts";
import type { Config } from "../process/config.ts";
import { loadKeys } from "../seal/key-file.ts";
import type { Seal } from "../seal/port.ts";
import { type Row, StoreUnusable } from "../store/port.ts";
import type { Snapshot } from "../store/snapshot.ts";
import { openSqliteSnapshot } from "../store/sqlite/snapshot.ts";
import { DEPLOYMENT, knownDeployment } from "./deployment.ts";
import { requireOwnData } from "./own-data.ts";
import { makeDataFolder, openStore } from "./store.ts";

/** What a command tells its operator. */
export interface Copied {
  /** UUID of the deployment. */
  readonly deployment: string;
  readonly rows: number;
  /** RFC 3339. */
  readonly takenAt: string;
}

/**
 * Writes everything as of now to a new file, beside a broker that may run. Throws `BackupUnusable`, `KeyUnusable`,
 * `StoreUnusable`, `StoreUnavailable`, or a system error.
 */
export async function backUp(config: Config, path: string): Promise<Copied> {
  requireOwnData(config);
  const snapshot = await openSnapshot(config);
  try {
    const row = await snapshot.read(DEPLOYMENT);
    if (!row) throw new StoreUnusable("no broker has used this store yet: there is nothing to back up");
    const { id, seal } = deploymentOf(config, row);
    const takenAt = new Date(systemClock.wall()).toISOString();
    const rows = await writeBackup(path, { snapshot, deployment: row, seal, takenAt });
    return { deployment: id, rows, takenAt };
  } finally {
    await snapshot.close();
  }
}

async function openSnapshot({ data, database }: Config): Promise<Snapshot> {
  if (!database) return openSqliteSnapshot(join(data, "coatcheck.db"));
  const { openPostgresSnapshot } = await import("../store/postgres/snapshot.ts");
  return openPostgresSnapshot(database);
}

/**
 * Fills an empty store from a backup, all of it or nothing. The result is a copy that refreshes nothing, unless it is taken
 * over at once. Throws like `backUp`.
 */
export async function restore(config: Config, path: string): Promise<Copied> {
  const backup = await readBackup(path);
  const { id, seal } = deploymentOf(config, backup.deployment);
  makeDataFolder(config.data);
  requireOwnData(config);
  const store = await openStore(config, systemClock);
  try {
    let rows = 0;
    const counted = async function* () {
      for await (const row of withOwner(backup, seal, config.takeOver)) {
        rows += 1;
        yield row;
      }
    };
    if (!(await store.fill(counted(), backup.progress))) {
      throw new StoreUnusable(
        "there are data already, and a backup never overwrites data: give an empty folder with --data, or an empty database",
      );
    }
    return { deployment: id, rows, takenAt: backup.takenAt };
  } finally {
    await store.close();
  }
}

/** In the same transaction as the rest, so that no copy is ever without the word that it is one. */
async function* withOwner(backup: Backup, seal: Seal, takeOver: boolean): AsyncGenerator<Row> {
  let owner: Row | undefined;
  for await (const row of backup.rows(seal)) {
    if (isOwnerRow(row)) owner = row;
    else yield row;
  }
  yield copiedOwner({ seal }, owner, { takeOver, now: systemClock.now() });
}

function deploymentOf({ key, data }: Config, row: Row) {
  return knownDeployment(row, loadKeys(key, data, { mayCreate: false }).keys);
}
