import { migrateDatabase } from "../../compose/store.ts";
import { ConfigError, loadDatabase, openFile } from "../../process/config.ts";
import type { DataFlags } from "../connect/local-data.ts";
import type { Output } from "../frame/output.ts";

/** Brings the tables of a database up to date, given by flag or variable. */
export async function migrate(out: Output, { database: flag, ...flags }: DataFlags): Promise<void> {
  openFile(flags);
  const database = loadDatabase(flag);
  if (!database) {
    throw new ConfigError(
      "give the database with COATCHECK_DATABASE or --database; a SQLite file needs no command, because every start migrates it",
    );
  }
  const { from, to } = await migrateDatabase(database);
  const text =
    from === to
      ? `The database already has the newest schema, ${to}: nothing was changed.`
      : `The database had ${from === 0 ? "no schema" : `schema ${from}`} and now has schema ${to}.`;
  out.result(text, { from, to });
}
