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
  /** As `wayOf` tells it. */
  readonly way: string;
}

/**
 * A data folder tells where its broker listens: who has another runtime folder (a login by SSH, a job of cron) finds the
 * one that runs instead of one that cannot have the data; and who has changed its settings sees that it has the old ones.
 */
export function noteBroker(data: string, { socket, networks, process, way }: NotedBroker): void {
  replaceFile(notePath(data), `${[socket, networks, process, way].join("\n")}\n`);
}

/** A folder that has gone may have come back as somebody else's. */
export function notedBroker(data: string): NotedBroker | undefined {
  try {
    const [socket = "", networks = "", process, way = ""] = readFileSync(notePath(data), "utf8").split("\n");
    return isPrivateFolder(dirname(socket)) ? { socket, networks, process: Number(process), way } : undefined;
  } catch {
    return undefined;
  }
}

/** Not a name that a socket itself is given there. */
function notePath(data: string): string {
  return join(data, "socket-path");
}
