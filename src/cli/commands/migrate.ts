import type { Command } from "commander";
import type { DataFlags } from "../connect/local-data.ts";
import { defineHere } from "../frame/command.ts";
import { runHere } from "../frame/run-here.ts";

const EXPLANATION = `
Every start of the broker does the same. Use this command where running instances may not create tables, or to test the
migration before a start. An older version refuses a newer schema at its next start.

Environment: COATCHECK_CONFIG, COATCHECK_DATABASE. The flag overrides it, but shows the password in the list of processes.`;

export function migrateCommand(): Command {
  return defineHere("migrate", "Bring the tables of a PostgreSQL database up to date.", [
    ["COATCHECK_DATABASE=postgres://… coatcheck migrate", ""],
  ])
    .option("--config <file>", "the broker's configuration file, which names its database")
    .option("--database <url>", "postgres://USER:PASSWORD@HOST:PORT/DATABASE")
    .addHelpText("after", EXPLANATION)
    .action(runHere<DataFlags>(async (out, _args, flags) => (await import("../data/migrate.ts")).migrate(out, flags)));
}
