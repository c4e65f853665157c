import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  readlinkSync,
  rmSync,
  type Stats,
  statSync,
} from "node:fs";
import { dirname, relative, resolve, sep } from "node:path";
import { errorCode } from "../../error-code.ts";
import { CliError } from "../frame/fail.ts";
import { replaceFile, withLock } from "../kept/private-file.ts";

/** Some agents keep histories in their settings; more than this is no file of settings. Bytes. */
const LONGEST = 16 * 1_048_576;

/** How often a file is read anew that its program has changed meanwhile. */
const MOST_TRIES = 5;

/**
 * Changes another program's file as a whole, under a lock of ours, with the mode that is given or that it has (a new one is its
 * owner's alone). A link stays one: people keep such files elsewhere, and what it leads to is changed. `undefined` removes it.
 * The program that it belongs to knows nothing of our lock: what it has written meanwhile is read, and changed in its turn.
 */
export function changeForeign(
  path: string,
  change: (text: string | undefined) => string | undefined,
  mode?: number,
): void {
  requireOurs(path);
  withLock(path, (target) => {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const found = lstatSync(target, { throwIfNoEntry: false });
      if (found?.isSymbolicLink()) throw unreadable(target, "has just become a link");
      const text = readForeign(target);
      const after = change(text);
      if (after === text) return;
      if (!isSame(found, lstatSync(target, { throwIfNoEntry: false }))) continue;
      if (after === undefined) rmSync(target, { force: true });
      else replaceFile(target, after, mode ?? (found && found.mode & 0o777));
      return;
    }
    throw unreadable(target, "is being changed all the time");
  });
}

function isSame(one: Stats | undefined, other: Stats | undefined): boolean {
  const marks = ["dev", "ino", "uid", "size", "mtimeMs", "ctimeMs"] as const;
  return marks.every((mark) => one?.[mark] === other?.[mark]);
}

/** What another program's file says, to the byte; undefined where there is none. Throws for one that cannot be changed and stay whole (ST-56). */
export function readForeign(path: string): string | undefined {
  requireOurs(path);
  let file: number;
  try {
    // A pipe never keeps us.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOENT") return undefined;
    throw unreadable(path, `cannot be read (${code})`);
  }
  try {
    const found = fstatSync(file);
    if (!found.isFile()) throw unreadable(path, "is not a plain file");
    if (found.size > LONGEST) throw unreadable(path, "is larger than 16 MiB, so it is no file of settings");
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(readFileSync(file));
  } catch (error) {
    if (error instanceof TypeError) throw unreadable(path, "is not UTF-8, so that a change would damage it");
    throw error;
  } finally {
    closeSync(file);
  }
}

function unreadable(path: string, why: string): CliError {
  return new CliError("file_unreadable", `${path} ${why}: correct it first`);
}

/** The system's own bound of a chain of links. */
const MOST_LINKS = 40;

/** Bits of a mode: everybody may put files into a folder; and nobody takes those of others away. */
const OPEN_TO_ALL = 0o002;
const STICKY = 0o1000;

/**
 * The file, each link and each folder on the way to it are this user's or root's, and root's are not everybody's: whoever else owns one chooses
 * what is changed, also while it is, and of root's commands in another's home that would be any file of the system.
 */
function requireOurs(path: string): void {
  if (process.platform === "win32") return;
  const self = process.geteuid?.();
  // Whoever owns the root: in a user namespace root may have another number.
  const ours = new Set([self, 0, statSync("/").uid]);
  for (const { place, found } of wayTo(resolve(path))) {
    if (!ours.has(found.uid)) {
      const message = `${place} belongs to another user (${found.uid}): run the command as that user`;
      throw new CliError("file_exposed", message);
    }
    // A folder of one's own may lie where modes say nothing: exFAT, or a disk of Windows under WSL.
    const isOpen = (found.mode & OPEN_TO_ALL) !== 0 && (found.mode & STICKY) === 0 && found.uid !== self;
    if (found.isDirectory() && isOpen) {
      const next = ["chmod", "o-w", place];
      throw new CliError("file_exposed", `everybody can change what is in ${place}: run ${next.join(" ")}`, { next });
    }
  }
}

interface Place {
  readonly place: string;
  readonly found: Stats;
}

/** What is on the way from the root to a file, links with all that is on theirs; as far as it is there. */
function wayTo(path: string, left = MOST_LINKS): readonly Place[] {
  const all: Place[] = [];
  let place = "/";
  const parts = path.split(sep).filter((part) => part !== "");
  for (const [index, part] of parts.entries()) {
    place = resolve(place, part);
    const found = lstatSync(place, { throwIfNoEntry: false });
    if (!found) break;
    all.push({ place, found });
    if (!found.isSymbolicLink() || left === 0) continue;
    const rest = parts.slice(index + 1);
    return [...all, ...wayTo(resolve(dirname(place), readlinkSync(place), ...rest), left - 1)];
  }
  return all;
}

function linkAt(path: string): string | undefined {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()
    ? resolve(dirname(path), readlinkSync(path))
    : undefined;
}

/** A project is somebody else's work: a link in it does not lead to a file of the person's own (ST-56). */
export function requireInside(project: string, file: string): void {
  let place = resolve(project);
  for (const part of relative(place, resolve(file)).split(sep)) {
    place = resolve(place, part);
    if (linkAt(place) !== undefined)
      throw new CliError("file_exposed", `${place} is a link, which may lead out of this project: leave out --project`);
  }
}
