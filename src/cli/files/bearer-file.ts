import { closeSync, constants, fchmodSync, fstatSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { environment } from "../environment.ts";
import { CliError } from "../fail.ts";

/** WLCG Bearer Token Discovery: BEARER_TOKEN_FILE, else bt_u<UID> in the runtime folder, else in the temporary folder. */
export function writeBearerFile(token: string): string {
  const uid = process.getuid?.() ?? 0;
  const path = environment.BEARER_TOKEN_FILE || join(environment.XDG_RUNTIME_DIR || tmpdir(), `bt_u${uid}`);
  // No link is followed: the temporary folder is everybody's.
  const file = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
  try {
    const { uid: owner } = fstatSync(file);
    if (owner !== uid) throw new CliError("file_exposed", `${path} belongs to somebody else: remove it`);
    fchmodSync(file, 0o600);
    ftruncateSync(file);
    writeSync(file, `${token}\n`);
  } finally {
    closeSync(file);
  }
  return path;
}
