import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { isPrivateFolder } from "../kept/folders.ts";
import { replaceFile } from "../kept/private-file.ts";

/**
 * A data folder tells where its broker listens: who has another runtime folder (a login by SSH, a job of cron) finds the
 * one that runs instead of one that cannot have the data.
 */
export function noteSocket(data: string, path: string): void {
  replaceFile(notePath(data), `${path}\n`);
}

/** A folder that has gone may have come back as somebody else's. */
export function notedSocket(data: string): string | undefined {
  try {
    const path = readFileSync(notePath(data), "utf8").trim();
    return isPrivateFolder(dirname(path)) ? path : undefined;
  } catch {
    return undefined;
  }
}

/** Not a name that a socket itself is given there. */
function notePath(data: string): string {
  return join(data, "socket-path");
}
