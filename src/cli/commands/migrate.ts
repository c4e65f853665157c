import type { Command } from "commander";
import { migrateDatabase } from "../../compose/store.ts";
import { ConfigError, loadDatabase } from "../../process/config.ts";
import { defineHere } from "../frame/command.ts";
import type { Output } from "../frame/output.ts";
import { runHere } from "../frame/run-here.ts";

const EXPLANATION = `
Each start does the same. Before it, the command is for deployments whose running instances may not create tables, and for
knowing that it works. An older version refuses a newer schema at its next start.

Environment: COATCHECK_DATABASE. The flag wins over it, but shows its password in the list of processes.`;

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
      "give the database by COATCHECK_DATABASE or --database; a SQLite file needs no command, each start brings it up to date",
    );
  }
  const { from, to } = await migrateDatabase(database);
  const text =
    from === to
      ? `The database has schema ${to}, the newest: nothing was changed.`
      : `The database had ${from === 0 ? "no schema" : `schema ${from}`} and has schema ${to} now.`;
  out.result(text, { from, to });
}
