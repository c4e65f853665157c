import { statSync } from "node:fs";

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
