import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { isPrivateFolder } from "../kept/folders.ts";
import { replaceFile } from "../kept/private-file.ts";

/** What the broker of a data folder was started with. */
export interface NotedBroker {
  readonly socket: string;
  /** Its `--allow-networks`. */
  readonly networks: string;
  readonly process: number;
}

/**
 * A data folder tells where its broker listens: who has another runtime folder (a login by SSH, a job of cron) finds the
 * one that runs instead of one that cannot have the data; and who has changed its settings sees that it has the old ones.
 */
export function noteBroker(data: string, { socket, networks, process }: NotedBroker): void {
  replaceFile(notePath(data), `${socket}\n${networks}\n${process}\n`);
}

/** A folder that has gone may have come back as somebody else's. */
export function notedBroker(data: string): NotedBroker | undefined {
  try {
    const [socket = "", networks = "", process] = readFileSync(notePath(data), "utf8").split("\n");
    return isPrivateFolder(dirname(socket)) ? { socket, networks, process: Number(process) } : undefined;
  } catch {
    return undefined;
  }
}

/** Not a name that a socket itself is given there. */
function notePath(data: string): string {
  return join(data, "socket-path");
}
