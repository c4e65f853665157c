import { closeSync, existsSync, openSync, readFileSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { errorCode } from "../../error-code.ts";
import { systemClock } from "../../process/clock.ts";
import { CliError, naming } from "../frame/fail.ts";

/** A holder changes one small file; whoever takes longer than this hangs. Milliseconds. */
const LONGEST_WAIT_MS = 5_000;
const PAUSE_MS = 10;

/** After so long the number in a lock is another process's by now. Milliseconds. */
const LONGEST_HOLD_MS = 60_000;

/** The number is written in the moment the file is made; one that is still without was killed in between. Milliseconds. */
const LONGEST_EMPTY_MS = 1_000;

/** Makes the file with our process id in it, waiting for a holder that lives; answers its release. Throws a system error. */
export function lockFile(path: string): () => void {
  for (const end = performance.now() + LONGEST_WAIT_MS; performance.now() < end; ) {
    if (takeLock(path)) return () => release(path);
    if (isHeld(path)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
  }
  throw new CliError("file_locked", `${path} is locked: remove it if no other coatcheck is running`);
}

/** False: it is there already. On a full disk the file can be made, and has no room for the number: then it goes again. */
function takeLock(path: string): boolean {
  let file: number;
  try {
    file = openSync(path, "wx", 0o600);
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    throw error;
  }
  try {
    naming(path, () => writeSync(file, String(process.pid)));
    return true;
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
}

/** Whoever held it for too long finds another's there. */
function release(path: string): void {
  if (lockAt(path)?.holder === process.pid) rmSync(path, { force: true });
}

/** A lock whose process is gone is taken away: by renaming, so that only one of those who wait does it. */
function isHeld(path: string): boolean {
  const lock = lockAt(path);
  if (lock === undefined) return false;
  if (!isStale(lock)) return true;
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
    // Somebody was faster, and this is a new holder's lock: it gets it back.
    const moved = lockAt(aside);
    const others = moved !== undefined && !isStale(moved);
    if (others) renameSync(aside, path);
    return others;
  } catch (error) {
    // Somebody was faster; anything else stays as it is, however often it is tried.
    if (errorCode(error) !== "ENOENT") throw error;
    return false;
  } finally {
    if (existsSync(aside)) rmSync(aside, { force: true });
  }
}

interface Lock {
  /** 0: the number is not written yet. */
  readonly holder: number;
  /** Milliseconds; also of a clock that was set back. */
  readonly age: number;
}

function lockAt(path: string): Lock | undefined {
  try {
    const { mtimeMs } = statSync(path);
    return { holder: Number(readFileSync(path, "utf8")), age: Math.abs(systemClock.wall() - mtimeMs) };
  } catch {
    return undefined;
  }
}

function isStale({ holder, age }: Lock): boolean {
  if (!(holder > 0)) return age > LONGEST_EMPTY_MS;
  return age > LONGEST_HOLD_MS || !isAlive(holder);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === "EPERM";
  }
}
