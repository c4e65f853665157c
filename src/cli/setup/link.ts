import { lstatSync, readlinkSync, rmSync, symlinkSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { makeFolder } from "../../process/make-folder.ts";
import { environment } from "../frame/environment.ts";
import { CliError } from "../frame/fail.ts";
import type { Target } from "./target.ts";

/** A folder of a person's own that is in most people's search path; below the home folder. */
const SEARCHED = ".local/bin";

/** Where a program finds its helper, if it calls it by a name of its own. */
export function linkPath({ link, folder = SEARCHED }: Target, name: string, dir: string | undefined) {
  return link && join(dir === undefined ? join(homedir(), folder) : resolve(dir), link(name));
}

export function makeLink(path: string, program: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found?.isSymbolicLink() && readlinkSync(path) === program) return;
  if (found)
    throw new CliError(
      "file_exists",
      `${path} exists and was not made by coatcheck setup: move it away, or give another --dir`,
    );
  makeFolder(join(path, ".."));
  symlinkSync(program, path);
}

/** Answers whether it is gone: one that leads elsewhere is somebody's. */
export function removeLink(path: string, program: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (!found) return true;
  if (!found.isSymbolicLink() || readlinkSync(path) !== program) return false;
  rmSync(path);
  return true;
}

export function isOnPath(path: string): boolean {
  return (environment().PATH ?? "").split(delimiter).includes(join(path, ".."));
}
