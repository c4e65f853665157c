import { lstatSync, readlinkSync, rmSync, symlinkSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { environment } from "../environment.ts";
import { CliError } from "../fail.ts";
import { makeFolder } from "../files/make-folder.ts";

/** Where a program finds its helper: in a folder of the search path. */
export function linkPath(name: string, dir: string | undefined): string {
  return join(dir ?? join(homedir(), ".local/bin"), name);
}

export function makeLink(path: string, program: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found?.isSymbolicLink() && readlinkSync(path) === program) return;
  if (found) throw new CliError("file_exists", `${path} is there and is not ours: move it away, or give another --dir`);
  makeFolder(join(path, ".."));
  symlinkSync(program, path);
}

export function removeLink(path: string, program: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found?.isSymbolicLink() && readlinkSync(path) === program) rmSync(path);
}

export function isOnPath(path: string): boolean {
  return (environment.PATH ?? "").split(delimiter).includes(join(path, ".."));
}
