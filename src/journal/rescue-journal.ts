/**
 * The rescue journal: sealed answers of providers that the store did not take just when they came. Owns files that are
 * durable when `put` returns; not what is in them, nor what becomes of them (broker/attempt/rescue).
 *
 * One file per answer in a folder of its own: nothing to compact, and a file that is damaged harms no other.
 */
import { randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writevSync,
} from "node:fs";
import { join } from "node:path";
import { errorCode } from "../error-code.ts";

/** One answer. */
export interface RescueEntry {
  /** Id of the row it belongs to. */
  readonly id: string;
  /** By what it may be settled. */
  readonly by: { readonly claim: string } | { readonly lineage: string };
  readonly sealed: Uint8Array;
}

export interface RescueJournal {
  /** Durable when it returns. Throws a system error when the disk takes nothing either. */
  put(entry: RescueEntry): void;
  /** What a row's answers became is durable elsewhere. */
  drop(id: string): void;
  /** What earlier processes left, by file; undefined = it cannot be read, and stays. */
  left(): ReadonlyMap<string, RescueEntry | undefined>;
  /** Ends an entry of `left`. */
  remove(file: string): void;
  /** All of them, this process's own too. */
  all(): ReadonlyMap<string, RescueEntry | undefined>;
  /** Exchanges what a file holds, unless it has gone; a crash leaves the old or the new. Throws a system error. */
  replace(file: string, entry: RescueEntry): void;
}

const SUFFIX = ".rescue";

/** Given back to the disk when it is full: room for the answers of all refreshes that may be under way, 4 MiB. Bytes. */
const RESERVE = { block: 262_144, blocks: 16 };

export function openRescueJournal(folder: string): RescueJournal {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const reserve = join(folder, "reserve");
  if (!existsSync(reserve)) takeReserve(reserve);
  const mine = new Map<string, string[]>();
  const entries = (except: ReadonlySet<string>) => {
    const files = readdirSync(folder).filter((file) => file.endsWith(SUFFIX) && !except.has(file));
    return new Map(files.map((file) => [file, read(join(folder, file))]));
  };
  return {
    put(entry) {
      const file = `${entry.id}-${randomBytes(6).toString("hex")}${SUFFIX}`;
      const text = textOf(entry);
      try {
        writeDurably(folder, file, text);
      } catch (error) {
        if (!isFull(error)) throw error;
        rmSync(reserve, { force: true });
        writeDurably(folder, file, text);
      }
      mine.set(entry.id, [...(mine.get(entry.id) ?? []), file]);
    },
    drop(id) {
      for (const file of mine.get(id) ?? []) rmSync(join(folder, file), { force: true });
      // The disk took what it had refused before, so it may have room for the reserve again.
      if (mine.delete(id) && mine.size === 0 && !existsSync(reserve)) takeReserve(reserve);
    },
    left: () => entries(new Set([...mine.values()].flat())),
    remove: (file) => rmSync(join(folder, file), { force: true }),
    all: () => entries(new Set()),
    replace(file, entry) {
      if (!existsSync(join(folder, file))) return;
      const next = `${file}.new`;
      rmSync(join(folder, next), { force: true });
      writeDurably(folder, next, textOf(entry));
      renameSync(join(folder, next), join(folder, file));
      syncFolder(folder);
    },
  };
}

function textOf({ id, by, sealed }: RescueEntry): string {
  return JSON.stringify({ version: 1, id, by, sealed: Buffer.from(sealed).toString("base64url") });
}

function read(path: string): RescueEntry | undefined {
  try {
    const { version, id, by, sealed } = JSON.parse(readFileSync(path, "utf8"));
    return version === 1 ? { id, by, sealed: Buffer.from(sealed, "base64url") } : undefined;
  } catch {
    return undefined;
  }
}

function writeDurably(folder: string, file: string, text: string): void {
  const path = join(folder, file);
  const handle = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    writeFileSync(handle, text);
    fsyncSync(handle);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(handle);
  }
  syncFolder(folder);
}

function syncFolder(folder: string): void {
  const directory = openSync(folder, constants.O_RDONLY);
  fsyncSync(directory);
  closeSync(directory);
}

/**
 * Random bytes, so that no file system keeps them as a hole; file systems that compress look at less than a block at once.
 * A disk that is full already has no reserve to give.
 */
function takeReserve(path: string): void {
  const block = randomBytes(RESERVE.block);
  try {
    const handle = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC, 0o600);
    try {
      writevSync(handle, new Array(RESERVE.blocks).fill(block));
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    rmSync(path, { force: true });
    if (!isFull(error)) throw error;
  }
}

function isFull(error: unknown): boolean {
  const code = errorCode(error);
  return code === "ENOSPC" || code === "EDQUOT";
}
