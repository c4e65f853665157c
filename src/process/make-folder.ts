import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { errorCode } from "../error-code.ts";

/**
 * Makes a folder of its user alone (0700), and those above it that are missing. One level at a time: where nothing can be
 * made (/proc), the platform's recursive form never returns. Throws a system error.
 */
export function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Several processes may start at once.
    if (errorCode(error) !== "EEXIST") throw error;
  }
}

/** The least that a file system gives out. Bytes. */
const BLOCK = 4_096;

/** Writes a block into a folder, or into the one above it that is there, and takes it away again. Throws a system error. */
export function probeFolder(folder: string): void {
  if (!existsSync(folder) && dirname(folder) !== folder) {
    probeFolder(dirname(folder));
    return;
  }
  const path = join(folder, `.coatcheck-probe.${process.pid}`);
  try {
    writeFileSync(path, "x".repeat(BLOCK), { mode: 0o600, flag: "wx", flush: true });
  } catch (error) {
    // What is written by its descriptor has no path.
    throw Object.assign(error as Error, { path: folder });
  } finally {
    if (existsSync(path)) rmSync(path);
  }
}
