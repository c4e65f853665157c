import { existsSync, lstatSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { type Environment, environment } from "../environment.ts";
import { makeFolder } from "./make-folder.ts";

/** Where a person's files are: the XDG base folders, or what Windows has instead. */
export function configFolder(env: Environment = environment): string {
  return below(env.XDG_CONFIG_HOME, env.APPDATA, ".config");
}

export function stateFolder(env: Environment = environment): string {
  return below(env.XDG_STATE_HOME, env.LOCALAPPDATA, ".local/state");
}

function below(xdg: string | undefined, windows: string | undefined, home: string): string {
  const base = xdg || (process.platform === "win32" && windows) || join(homedir(), home);
  return join(base, "coatcheck");
}

/**
 * The folder of sockets, 0700: in XDG_RUNTIME_DIR, else a fresh temporary one whose name is kept in the state folder.
 * `undefined` where there is none yet and none is to be made.
 */
export function runtimeFolder(make: boolean, env: Environment = environment): string | undefined {
  if (env.XDG_RUNTIME_DIR) {
    const folder = join(env.XDG_RUNTIME_DIR, "coatcheck");
    if (make) makeFolder(folder);
    return folder;
  }
  const note = join(stateFolder(env), "runtime");
  const noted = existsSync(note) ? readFileSync(note, "utf8").trim() : "";
  if (noted !== "" && isOurs(noted)) return noted;
  if (!make) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "coatcheck-"));
  makeFolder(stateFolder(env));
  writeFileSync(note, `${folder}\n`, { mode: 0o600 });
  return folder;
}

/** A temporary folder of that name may be anybody's by now. */
function isOurs(folder: string): boolean {
  const found = lstatSync(folder, { throwIfNoEntry: false });
  return found?.isDirectory() === true && found.uid === process.getuid?.() && (found.mode & 0o077) === 0;
}
