import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { StoreUnusable } from "../port.ts";

/**
 * One process per data folder. The lock is an open exclusive transaction on a tiny database of its own: the operating
 * system gives it back when the process ends, however it ends, so a lock that is free proves that its holder is gone.
 */
export function lockData(path: string): () => void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const lock = new DatabaseSync(`${path}.lock`, { timeout: 0 });
  try {
    lock.exec("PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE");
  } catch (error) {
    lock.close();
    if (!isBusy(error)) throw error;
    throw new StoreUnusable(
      `the data ${path} is in use by process ${holderOf(path)}: stop that process first, or give another folder with --data`,
    );
  }
  writeFileSync(`${path}.pid`, `${process.pid}\n`, { mode: 0o600 });
  return () => lock.close();
}

/** https://sqlite.org/rescode.html#busy */
function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && (Number(error.errcode) & 0xff) === 5;
}

function holderOf(path: string): string {
  try {
    return readFileSync(`${path}.pid`, "utf8").trim();
  } catch {
    return "(unknown)";
  }
}
