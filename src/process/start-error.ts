import { BackupUnusable } from "../backup/format.ts";
import { CannotListen } from "../listen/start-server.ts";
import { KeyUnusable } from "../seal/key-file.ts";
import { StoreUnavailable, StoreUnusable } from "../store/port.ts";

const BY_CODE: Readonly<Record<string, string>> = {
  EADDRINUSE: "the address is in use: stop the program that listens there, or give another address with --listen",
  EACCES: "this user may not use it: check the folder given with --data and the address given with --listen",
  ENOENT: "the data folder cannot be created there: give another one with --data",
  ENOTDIR: "part of the data folder's path is a file: give another one with --data",
  EROFS: "the data folder is read-only: give another one with --data",
  ENOSPC: "the disk is full: free some space and start again",
};

/** Their messages say what to do. */
const MENDABLE = [KeyUnusable, StoreUnusable, StoreUnavailable, BackupUnusable, CannotListen];

/** What the system says about one file, folder or address. */
interface SystemError extends Error {
  readonly code?: string;
  readonly path?: string;
}

/** Whether it is about the key, wherever that came from. */
export function isAboutKey(error: unknown): boolean {
  return error instanceof KeyUnusable;
}

/** One sentence for a start that failed for a reason an operator can mend; undefined for a fault of our own. */
export function startUnusable(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if (MENDABLE.some((kind) => error instanceof kind)) return error.message;
  const { code = "", path } = error as SystemError;
  const sentence = BY_CODE[code];
  return sentence === undefined || path === undefined ? sentence : `${path}: ${sentence}`;
}
