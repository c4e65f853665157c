import { accessSync, constants, existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Clock } from "../process/clock.ts";
import type { Config } from "../process/config.ts";
import { makeFolder, probeFolder } from "../process/make-folder.ts";
import { type Store, type StoreBroken, StoreUnusable } from "../store/port.ts";
import type { DatabaseTarget } from "../store/postgres/url.ts";
import { openSqliteStore } from "../store/sqlite/store.ts";

/** The driver of a database server is loaded only for one. */
export async function openStore(
  { data, database }: Config,
  clock: Clock,
  onBroken: (error: StoreBroken) => void = () => {},
): Promise<Store> {
  if (!database) {
    try {
      return await openSqliteStore({ path: join(data, "coatcheck.db"), clock, onBroken });
    } catch (error) {
      // It says little of a full disk.
      probeFolder(data);
      throw error;
    }
  }
  const { openPostgresStore } = await import("../store/postgres/store.ts");
  return openPostgresStore({ target: database, clock });
}

/** Brings the schema of a database up to date, and says from which to which. Throws like `compose`. */
export async function migrateDatabase(
  database: DatabaseTarget,
): Promise<{ readonly from: number; readonly to: number }> {
  const { startDatabase } = await import("../store/postgres/start.ts");
  return startDatabase(database);
}

/** Makes the folder of the data; what is there of it, or above it, must be a folder that this user may change. */
export function makeDataFolder(path: string): void {
  const there = nearestThatExists(path);
  if (!statSync(there).isDirectory()) throw new StoreUnusable(`${there} is a file: give a folder with --data`);
  accessSync(there, constants.R_OK | constants.W_OK | constants.X_OK);
  makeFolder(path);
}

function nearestThatExists(path: string): string {
  return existsSync(path) ? path : nearestThatExists(dirname(path));
}
