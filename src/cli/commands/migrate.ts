import type { Command } from "commander";
import { migrateDatabase } from "../../compose/store.ts";
import { ConfigError, loadDatabase } from "../../process/config.ts";
import { defineHere } from "../frame/command.ts";
import type { Output } from "../frame/output.ts";
import { runHere } from "../frame/run-here.ts";

const EXPLANATION = `
Every start of the broker does the same. Use this command where running instances may not create tables, or to test the
migration before a start. An older version refuses a newer schema at its next start.

Environment: COATCHECK_DATABASE. The flag overrides it, but shows the password in the list of processes.`;

export function migrateCommand(): Command {
  return defineHere("migrate", "Bring the tables of a PostgreSQL database up to date.", [
    ["COATCHECK_DATABASE=postgres://… coatcheck migrate", ""],
  ])
    .option("--database <url>", "postgres://USER:PASSWORD@HOST:PORT/DATABASE")
    .addHelpText("after", EXPLANATION)
    .action(runHere<{ database?: string }>((out, _args, { database }) => migrate(out, database)));
}

async function migrate(out: Output, flag: string | undefined): Promise<void> {
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
