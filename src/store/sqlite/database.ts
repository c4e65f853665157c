import { chmodSync, closeSync, existsSync, fsyncSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { StoreBroken, StoreUnavailable, StoreUnusable } from "../port.ts";

/** Below this a race of two connections can corrupt a WAL file (faults.md section 8). */
const OLDEST_SQLITE = [3, 51, 3];

/** A wait blocks the event loop for its whole length, so it is short; this process is the only writer anyway. */
const BUSY_TIMEOUT_MS = 250;

/** Opens (or makes) the database file with every setting that durability rests on, and asserts them. */
export function openDatabase(path: string): DatabaseSync {
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const fresh = !existsSync(path);
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true });
  assertVersion(database);
  database.exec("PRAGMA journal_mode = WAL");
  database.exec("PRAGMA synchronous = FULL");
  database.exec("PRAGMA trusted_schema = OFF");
  database.exec("PRAGMA mmap_size = 0");
  // Deleted secrets are sealed, and overwritten all the same.
  database.exec("PRAGMA secure_delete = ON");
  assertPragma(database, "journal_mode", "wal");
  assertPragma(database, "synchronous", 2);
  if (fresh) {
    chmodSync(path, 0o600);
    syncFolder(folder);
  }
  return database;
}

/** A new file's name is durable only when its folder is. */
function syncFolder(folder: string): void {
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function assertVersion(database: DatabaseSync): void {
  const version = String(database.prepare("SELECT sqlite_version() AS version").get()?.version);
  const parts = version.split(".").map(Number);
  for (const [index, least] of OLDEST_SQLITE.entries()) {
    const part = parts[index] ?? 0;
    if (part > least) return;
    if (part < least)
      throw new StoreUnusable(`SQLite ${OLDEST_SQLITE.join(".")} or newer is required, but this is ${version}`);
  }
}

function assertPragma(database: DatabaseSync, name: string, wanted: string | number): void {
  const value = Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];
  if (value !== wanted)
    throw new StoreUnusable(`SQLite does not keep ${name} set to ${wanted} (it is ${value}): use a local disk`);
}

/** https://sqlite.org/rescode.html: what passes, and what means that the file is not to be touched any more. */
const PASSING: ReadonlySet<number> = new Set([5, 6, 7, 8, 13, 14]);
const IOERR = 10;
const BROKEN: ReadonlySet<number> = new Set([IOERR, 11, 26]);

/** SQLITE_IOERR_ of memory, locks and the shared index, which is made anew from the journal: nothing durable has failed. */
const HARMLESS_IOERR: ReadonlySet<number> = new Set(
  [12, 11, 14, 15, 18, 19, 20, 21].map((kind) => IOERR | (kind << 8)),
);

/** A SQLite error in the port's words; anything else as it is. */
export function storeError(error: unknown): unknown {
  if (!(error instanceof Error) || !("errcode" in error)) return error;
  const code = Number(error.errcode);
  if (PASSING.has(code & 0xff) || HARMLESS_IOERR.has(code)) {
    return new StoreUnavailable(`the database cannot be used right now: ${error.message}`, { cause: error });
  }
  if (!BROKEN.has(code & 0xff)) return error;
  const text =
    (code & 0xff) === IOERR
      ? "reading or writing the database file failed: keep all files, check the disk, then start again"
      : "the database file is damaged: stop, keep all its files, and restore a backup";
  return new StoreBroken(`${text} (${error.message})`, { cause: error });
}
