import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, resolve } from "node:path";
import { errorCode } from "../../error-code.ts";
import { makeFolder } from "../../process/make-folder.ts";
import { exposureOf } from "../../process/own-path.ts";
import { CliError, naming } from "../frame/fail.ts";
import { lockFile } from "./lock-file.ts";

/** What others may not do with a file: anything, or change it. Bits of its mode. */
export const FORBIDDEN = { secret: 0o077, settings: 0o022 } as const;

/** The text of a file that only its owner can read; `undefined` where there is none. Throws for one that others can read. */
export function readPrivate(path: string, forbidden: number = FORBIDDEN.secret): string | undefined {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw new CliError("file_unreadable", `${path} cannot be read: ${(error as Error).message}`);
  }
  try {
    if (process.platform !== "win32" && (fstatSync(file).mode & forbidden) !== 0) {
      const verb = forbidden === FORBIDDEN.secret ? "read" : "change";
      const next = ["chmod", forbidden === FORBIDDEN.secret ? "600" : "go-w", path];
      throw new CliError("file_exposed", `other users can ${verb} ${path}: run ${next.join(" ")}`, { next });
    }
    return readFileSync(file, "utf8");
  } finally {
    closeSync(file);
  }
}

/** The same of a file in a folder of ours, which nobody else may change: who can, puts another file there. */
export function readOwn(path: string, forbidden?: number): string | undefined {
  for (const file of new Set([path, followLinks(path)])) requireOwnFolder(dirname(file));
  return readPrivate(path, forbidden);
}

function requireOwnFolder(folder: string): void {
  const exposed = exposureOf(folder);
  if (exposed) throw new CliError("file_exposed", exposed.message, exposed);
}

/** Reads, changes and replaces a file (0600) under its lock, where a link leads; `undefined` leaves it as it is. */
export function updatePrivate(
  path: string,
  change: (text: string | undefined) => string | undefined,
  forbidden?: number,
): void {
  withLock(path, (target) => {
    const text = change(readOwn(path, forbidden));
    if (text !== undefined) replaceFile(target, text);
  });
}

/** Works on a file, or on what it is a link to, while its lock is held; its folder is there then. */
export function withLock(path: string, work: (target: string) => void): void {
  const target = followLinks(path);
  makeFolder(dirname(target));
  const release = lockFile(`${target}.lock`);
  try {
    work(target);
  } finally {
    release();
  }
}

/** The system's own bound of a chain of links. */
const MOST_LINKS = 40;

/** Where a file lies that may be a link, also one whose end is not there yet. */
function followLinks(path: string, left = MOST_LINKS): string {
  try {
    const next = resolve(dirname(path), readlinkSync(path));
    return left === 0 ? path : followLinks(next, left - 1);
  } catch {
    return path;
  }
}

/** A reader sees the old text or the new one, also after a power cut; never a part. */
export function replaceFile(path: string, text: string, mode = 0o600): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    naming(path, () => {
      // A new file: a link that somebody put there would be followed.
      rmSync(temporary, { force: true });
      writeFileSync(temporary, text, { mode, flag: "wx", flush: true });
      renameSync(temporary, path);
    });
  } catch (error) {
    if (existsSync(temporary)) rmSync(temporary, { force: true });
    throw error;
  }
  syncFolder(dirname(path));
}

function syncFolder(path: string): void {
  if (process.platform === "win32") return;
  const folder = openSync(path, constants.O_RDONLY);
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
