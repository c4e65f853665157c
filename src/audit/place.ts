import { lstatSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { OptionProblem } from "./open.ts";

/** Folders of the data folder that the broker writes to (compose/context, compose/serve). */
const OWN = ["audit", "rescue", "witness"];

/**
 * A file that a new device may have (ST-120): none of the broker's own, none of another device, which would be two chains in one file, and
 * nothing that forgets what is written. `data`: the broker's folder. Throws `OptionProblem`.
 */
export function checkFile(path: string, { data, others }: { data: string; others: readonly string[] }): void {
  const file = real(path);
  const own = real(data);
  if ([own, ...OWN.map((name) => join(own, name))].includes(dirname(file)))
    throw new OptionProblem(
      "file_path is in the broker's own folder: give one of another folder, or of a new one below it",
    );
  const [is, nothing] = [identityOf(file), identityOf("/dev/null")];
  if (is !== undefined && is === nothing)
    throw new OptionProblem("file_path forgets what is written: disable the device instead");
  if (others.some((other) => real(other) === file || (is !== undefined && identityOf(other) === is)))
    throw new OptionProblem("file_path is another device's: give each a file of its own");
}

/** Without links, whether it is there already or is still to be made. */
function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return isThere(path) ? path : join(realFolder(dirname(path)), basename(path));
  }
}

function realFolder(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function isThere(path: string): boolean {
  if (!lstatSync(path, { throwIfNoEntry: false })) return false;
  throw new OptionProblem("file_path is a link that leads nowhere: name the file itself");
}

/** The same for each name of a file. */
function identityOf(path: string): string | undefined {
  const about = statSync(path, { throwIfNoEntry: false });
  return about && `${about.dev}:${about.ino}`;
}
