import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
} from "node:fs";
import { dirname, relative, resolve, sep } from "node:path";
import { CliError } from "../frame/fail.ts";
import { replaceFile, withLock } from "../kept/private-file.ts";

/** Some agents keep histories in their settings; more than this is no file of settings. Bytes. */
const LONGEST = 16 * 1_048_576;

/**
 * Changes another program's file as a whole, under a lock of ours, with the mode that is given or that it has (a new one is its
 * owner's alone). A link stays one: people keep such files elsewhere, and what it leads to is changed. `undefined` removes it.
 */
export function changeForeign(
  path: string,
  change: (text: string | undefined) => string | undefined,
  mode?: number,
): void {
  requireOurs(path);
  withLock(path, (target) => {
    const found = statSync(target, { throwIfNoEntry: false });
    const text = readForeign(path);
    const after = change(text);
    if (after === undefined) rmSync(target, { force: true });
    else if (after !== text) replaceFile(target, after, mode ?? (found && found.mode & 0o777));
  });
}

/** What another program's file says, to the byte; undefined where there is none. Throws for one that cannot be changed and stay whole (ST-56). */
export function readForeign(path: string): string | undefined {
  requireOurs(path);
  let file: number;
  try {
    // A pipe never keeps us.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
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

/**
 * The file, each link on the way to it and their folders are this user's or root's: whoever else owns one chooses what is changed,
 * and of root's commands in another's home that would be any file of the system.
 */
function requireOurs(path: string): void {
  if (process.platform === "win32") return;
  const ours = new Set([process.geteuid?.(), 0]);
  for (let [place, left]: [string | undefined, number] = [path, MOST_LINKS]; place !== undefined && left > 0; left--) {
    for (const one of [
      lstatSync(place, { throwIfNoEntry: false }),
      statSync(dirname(place), { throwIfNoEntry: false }),
    ]) {
      if (!one || ours.has(one.uid)) continue;
      const message = `${place} or its folder belongs to another user (${one.uid}): run the command as that user`;
      throw new CliError("file_exposed", message);
    }
    place = linkAt(place);
  }
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
