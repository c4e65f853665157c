import { lstatSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { environment } from "../frame/environment.ts";
import { CliError } from "../frame/fail.ts";
import { replaceFile } from "./private-file.ts";

/**
 * WLCG Bearer Token Discovery: BEARER_TOKEN_FILE, else bt_u<UID> in the runtime folder, else in the temporary folder. That one is
 * everybody's: what is there must be a file of our own, and only a new one is written.
 */
export function writeBearerFile(token: string): string {
  const uid = process.getuid?.() ?? 0;
  const path = environment.BEARER_TOKEN_FILE || join(environment.XDG_RUNTIME_DIR || tmpdir(), `bt_u${uid}`);
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found && found.uid !== uid) throw new CliError("file_exposed", `${path} belongs to somebody else: remove it`);
  if (found && !found.isFile()) throw new CliError("file_exposed", `${path} is no file: remove it`);
  replaceFile(path, `${token}\n`);
  return path;
}
