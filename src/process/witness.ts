/**
 * The witness: what an environment has seen of its store, in a file beside the key and so outside the database. It notices
 * a store that went back in time (an old copy in its place), which would send refresh tokens that are spent.
 * Owns the file; not what follows from it (broker/record/owner).
 */
import { closeSync, constants, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from "node:fs";

/** How far a deployment had come. */
export interface Seen {
  readonly deployment: string;
  /** Counts take-overs. */
  readonly epoch: number;
  /** Changes of the store; see `Store.progress`. */
  readonly progress: number;
}

export interface Witness {
  /** Undefined when nothing has been seen, or the file cannot be understood. */
  read(): Seen | undefined;
  /** Replaces the file as a whole. Throws a system error. */
  write(seen: Seen): void;
}

export function openWitness(path: string): Witness {
  return {
    read: () => parse(path),
    write: (seen) => {
      const next = `${path}.next`;
      const file = openSync(next, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC, 0o600);
      try {
        writeFileSync(file, `${JSON.stringify({ version: 1, ...seen })}\n`);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(next, path);
    },
  };
}

function parse(path: string): Seen | undefined {
  try {
    const { version, deployment, epoch, progress } = JSON.parse(readFileSync(path, "utf8"));
    const sound = version === 1 && typeof deployment === "string" && Number.isSafeInteger(epoch + progress);
    return sound ? { deployment, epoch, progress } : undefined;
  } catch {
    return undefined;
  }
}
