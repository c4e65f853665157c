import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { CliError } from "../fail.ts";

/** A holder changes one small file; whoever takes longer than this hangs. Milliseconds. */
const LONGEST_WAIT_MS = 5_000;
const PAUSE_MS = 10;

/** Makes the file with our process id in it, waiting for a holder that lives; answers its release. */
export function lockFile(path: string): () => void {
  const end = performance.now() + LONGEST_WAIT_MS;
  for (;;) {
    try {
      writeFileSync(path, String(process.pid), { flag: "wx", mode: 0o600 });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    if (!isHeld(path)) continue;
    if (performance.now() > end) throw new CliError("file_locked", `${path} is held: remove it if no coatcheck runs`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
  }
}

/** A lock whose process is gone is taken away: by renaming, so that only one of those who wait does it. */
function isHeld(path: string): boolean {
  const holder = holderOf(path);
  if (holder === undefined) return false;
  // Just made, and its number not written yet.
  if (holder === 0 || isAlive(holder)) return true;
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
    const moved = holderOf(aside);
    // Somebody was faster, and this is a new holder's lock: it gets it back.
    if (moved !== holder) renameSync(aside, path);
    return moved !== holder;
  } catch {
    return false;
  } finally {
    rmSync(aside, { force: true });
  }
}

function holderOf(path: string): number | undefined {
  try {
    return Number(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
