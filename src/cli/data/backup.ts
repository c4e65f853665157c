import { backUp } from "../../compose/backup.ts";
import { isSystemError } from "../../error-code.ts";
import { loadConfig } from "../../process/config.ts";
import { type DataFlags, requireData } from "../connect/local-data.ts";
import { fileTrouble, fileUnusable } from "../frame/fail.ts";
import type { Output } from "../frame/output.ts";

/** Writes a snapshot of the store to a new file. */
export async function backUpTo(out: Output, file: string, flags: DataFlags): Promise<void> {
  requireData("backup", flags);
  const config = loadConfig(flags);
  const { rows, deployment } = await backUp(config, file).catch((error: unknown) => {
    throw troubleOf(error, file);
  });
  const from = config.database ? "the database" : config.data;
  const text = `${file}: ${rows} records of deployment ${deployment}, from ${from}. The backup does not contain the key: keep the key in another place.`;
  out.result(text, { file, records: rows, deployment, ...(!config.database && { data: config.data }) });
}

/** What the system refuses at the backup's own file: what is written by a descriptor has no path. */
function troubleOf(error: unknown, file: string): unknown {
  if (!isSystemError(error)) return error;
  const { code, path = file } = error;
  if (!path.startsWith(file)) return error;
  if (code === "ENOENT") return fileUnusable({ what: file, cure: "its folder does not exist" });
  const trouble = fileTrouble(Object.assign(error, { path: file }));
  return trouble ? fileUnusable(trouble) : error;
}
