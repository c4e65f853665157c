/** Where a person's own files are. What is in them is sessions-file's and settings-file's, how safely private-file's. */
import { existsSync, lstatSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { makeFolder } from "../../process/make-folder.ts";
import { socketPathProblem } from "../../process/socket-path.ts";
import { type Environment, environment } from "../frame/environment.ts";
import { CliError, naming } from "../frame/fail.ts";

/** Where a person's files are: the XDG base folders, or what Windows has instead. */
export function configFolder(env: Environment = environment()): string {
  return below(env.XDG_CONFIG_HOME, env.APPDATA, ".config");
}

export function stateFolder(env: Environment = environment()): string {
  return below(env.XDG_STATE_HOME, env.LOCALAPPDATA, ".local/state");
}

function below(xdg: string | undefined, windows: string | undefined, otherwise: string): string {
  const base = xdg || (process.platform === "win32" && windows) || join(homedir(), otherwise);
  return join(base, "coatcheck");
}

/** The longest name of a socket in it: an agent's of one command, in a folder of its own. */
const LONGEST_NAME = "/agent-XXXXXX/agent.sock";

const fits = (folder: string) => socketPathProblem(`${folder}${LONGEST_NAME}`) === undefined;

/**
 * The folder of sockets, 0700: in XDG_RUNTIME_DIR if its name is short enough for a socket, else a temporary one.
 * `undefined` where there is none yet, or none of ours, and none is to be made. Throws for one that others can get at.
 */
export function runtimeFolder(make: boolean, env: Environment = environment()): string | undefined {
  const folder = join(env.XDG_RUNTIME_DIR ?? "", "coatcheck");
  if (!env.XDG_RUNTIME_DIR || !fits(folder)) return temporaryFolder(make, env);
  if (!make) return isPrivateFolder(folder) ? folder : undefined;
  makeFolder(folder);
  requirePrivate(folder);
  return folder;
}

/** A short folder of our own, 0700, whose name is kept in the state folder. */
export function temporaryFolder(make: boolean, env: Environment = environment()): string | undefined {
  const note = join(stateFolder(env), "runtime");
  const noted = existsSync(note) ? readFileSync(note, "utf8").trim() : "";
  // A temporary folder of that name may be anybody's by now.
  if (noted !== "" && isPrivateFolder(noted)) return noted;
  if (!make) return undefined;
  const base = join(tmpdir(), "coatcheck-");
  const folder = mkdtempSync(fits(`${base}XXXXXX`) ? base : "/tmp/coatcheck-");
  makeFolder(stateFolder(env));
  naming(note, () => writeFileSync(note, `${folder}\n`, { mode: 0o600 }));
  return folder;
}

/** Whoever can write into the folder of a socket can put another one there. */
function requirePrivate(folder: string): void {
  if (isPrivateFolder(folder)) return;
  if (lstatSync(folder).uid !== process.getuid?.()) {
    const message = `${folder} belongs to another user: set XDG_RUNTIME_DIR to a folder of your own, or unset it`;
    throw new CliError("file_exposed", message);
  }
  const next = ["chmod", "700", folder];
  throw new CliError("file_exposed", `other users can enter ${folder}: run ${next.join(" ")}`, { next });
}

/** Whether it is a folder (no link to one) that nobody else can enter. Windows keeps a profile's folders apart itself. */
export function isPrivateFolder(folder: string): boolean {
  const found = lstatSync(folder, { throwIfNoEntry: false });
  if (process.platform === "win32") return found?.isDirectory() === true;
  return found?.isDirectory() === true && found.uid === process.getuid?.() && (found.mode & 0o077) === 0;
}
