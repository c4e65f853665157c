import { BackupUnusable } from "../backup/format.ts";
import { KeyUnusable } from "../seal/key-file.ts";
import { StoreUnavailable, StoreUnusable } from "../store/port.ts";

const BY_CODE: Readonly<Record<string, string>> = {
  EADDRINUSE: "the address is in use: stop what listens there, or give another one by --listen",
  EACCES: "this user may not use it: check the folder given by --data and the address by --listen",
  ENOENT: "the data folder cannot be made there: give another one by --data",
  ENOTDIR: "the data folder lies below a file: give another one by --data",
  EROFS: "the data folder is read-only: give another one by --data",
  ENOSPC: "the disk is full: free some space and start again",
};

/** Their messages say what to do. */
const MENDABLE = [KeyUnusable, StoreUnusable, StoreUnavailable, BackupUnusable];

/** What the system says about one file, folder or address. */
interface SystemError extends Error {
  readonly code?: string;
  readonly path?: string;
}

/** One sentence for a start that failed for a reason an operator can mend; undefined for a fault of our own. */
export function startUnusable(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if (MENDABLE.some((kind) => error instanceof kind)) return error.message;
  const { code = "", path } = error as SystemError;
  const sentence = BY_CODE[code];
  return sentence === undefined || path === undefined ? sentence : `${path}: ${sentence}`;
}
