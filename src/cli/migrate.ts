import { Command } from "commander";
import { migrateDatabase } from "../compose/store.ts";
import { ConfigError, loadDatabase } from "../config.ts";
import { complain } from "./complain.ts";

const EXPLANATION = `
Each start does the same. Before it, the command is for deployments whose running instances may not create tables, and for
knowing that it works. An older version refuses a newer schema at its next start.

Environment: COATCHECK_DATABASE. The flag wins over it, but shows its password in the list of processes.`;

export function migrateCommand(): Command {
  return new Command("migrate")
    .description("Bring the tables of a PostgreSQL database up to date.")
    .option("--database <url>", "postgres://USER:PASSWORD@HOST:PORT/DATABASE")
    .addHelpText("after", EXPLANATION)
    .action(({ database }: { database?: string }) => migrate(database).catch(complain));
}

async function migrate(flag: string | undefined): Promise<void> {
  const database = loadDatabase(flag);
  if (!database) {
    throw new ConfigError(
      "give the database by COATCHECK_DATABASE or --database; a SQLite file needs no command, each start brings it up to date",
    );
  }
  const { from, to } = await migrateDatabase(database);
  process.stdout.write(
    from === to
      ? `The database has schema ${to}, the newest: nothing was changed.\n`
      : `The database had ${from === 0 ? "no schema" : `schema ${from}`} and has schema ${to} now.\n`,
  );
}
