import { restore } from "../../compose/backup.ts";
import { loadConfig, type ServeFlags } from "../../process/config.ts";
import { requireData } from "../connect/local-data.ts";
import type { Output } from "../frame/output.ts";

/** Fills an empty store from a backup. */
export async function fill(out: Output, file: string, flags: ServeFlags): Promise<void> {
  requireData("restore", flags);
  process.umask(0o077);
  const config = loadConfig(flags);
  const { rows, deployment, takenAt } = await restore(config, file);
  const next = flags.takeOver
    ? "The copy has been taken over: the next start refreshes what is due. People must sign in again where tokens were rotated after the backup."
    : "This is a copy: it refreshes nothing until it is started with --take-over.";
  const into = config.database ? "the database" : config.data;
  const text = `${rows} records of deployment ${deployment}, as they were at ${takenAt}, are in ${into}.`;
  out.result([text, next], { records: rows, deployment, taken_time: takenAt, taken_over: flags.takeOver === true });
}
