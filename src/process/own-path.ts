import { realpathSync, statSync } from "node:fs";
import { dirname } from "node:path";

/** Somebody else can change what is at a path. */
export interface Exposed {
  /** One sentence that says what to do. */
  readonly message: string;
  /** The command that does it; absent where more than one could. */
  readonly next?: readonly string[];
}

/** Bits of a mode: changed by the group or by everybody. */
const WRITABLE = 0o022;

const STICKY = 0o1000;

/**
 * Why a file or folder is not its user's alone to change; `undefined` where it is, where nothing is, and on Windows, which keeps
 * a profile's folders apart itself. `alsoRoot`: what root owns is good as well, who can change everything anyway. `alsoShared`:
 * so is a folder of root's as `/tmp` is.
 */
export function exposureOf(path: string, { alsoRoot = false, alsoShared = false } = {}): Exposed | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found || process.platform === "win32") return undefined;
  const isOwn = found.uid === process.geteuid?.() || (alsoRoot && found.uid === 0);
  if (!isOwn) {
    return {
      message: `${path} belongs to another user (${found.uid}): run the command as that user, or change the owner with chown`,
    };
  }
  // Others may put files into such a folder of root's, and cannot replace any that is not theirs.
  const isShared = found.isDirectory() && found.uid === 0 && (found.mode & STICKY) !== 0;
  if ((found.mode & WRITABLE) === 0 || (alsoShared && isShared)) return undefined;
  const next = ["chmod", found.isDirectory() ? "700" : "go-w", path];
  return { message: `other users can change ${path}: run ${next.join(" ")}`, next };
}

/** Here the runtime of a container mounts secrets, for that container alone, as whoever and as readable as it likes. */
const MOUNTED = "/run/secrets/";

const ENTERED_BY_ALL = 0o001;
const READ_BY_ALL = 0o004;

/**
 * Why somebody besides its user and root can change a file that others may have put there for this process, or put another in its
 * place: where it is named, and where a link leads.
 */
export function replaceableFile(path: string): Exposed | undefined {
  if (!statSync(path, { throwIfNoEntry: false }) || process.platform === "win32") return undefined;
  const file = realpathSync(path);
  if (file.startsWith(MOUNTED)) return undefined;
  const places = new Set([file, dirname(path), dirname(file)]);
  const found = [...places].map((place) => exposureOf(place, { alsoRoot: true, alsoShared: true }));
  return found.find((one) => one !== undefined);
}

/**
 * Why a secret that somebody else may have put there for this process (Docker, Kubernetes, systemd, a tool for certificates) is
 * exposed. Nobody but its user and root may change it or put another in its place. The group may read it. All may read it only if root
 * says so, who owns it then (Docker and Kubernetes mount secrets 0444 and 0644), or if a folder above lets nobody else in.
 */
export function secretExposureOf(path: string): Exposed | undefined {
  if (!statSync(path, { throwIfNoEntry: false }) || process.platform === "win32") return undefined;
  const file = realpathSync(path);
  if (file.startsWith(MOUNTED)) return undefined;
  const exposed = replaceableFile(path);
  if (exposed) return exposed;
  const { mode, uid } = statSync(file);
  if (uid === 0 || (mode & READ_BY_ALL) === 0 || !isReachable(file)) return undefined;
  const next = ["chmod", "o-r", file];
  return { message: `other users can read ${file}: run ${next.join(" ")}`, next };
}

/** Whether everybody may enter each folder above. */
function isReachable(path: string): boolean {
  const folder = dirname(path);
  if (folder === path) return true;
  return (statSync(folder).mode & ENTERED_BY_ALL) !== 0 && isReachable(folder);
}
