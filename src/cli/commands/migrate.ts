import type { Command } from "commander";
import { TOKEN_FILE } from "../connect/operator.ts";
import type { MoveFlags } from "../data/move.ts";
import { define } from "../frame/command.ts";
import { runHere } from "../frame/run-here.ts";

const EXPLANATION = `
Every start of the broker brings the tables up to date. Use this command where running instances may not create tables, or to test
the migration before a start. An older version refuses a newer schema at its next start.

--from sqlite moves everything from the SQLite file of the data folder into the empty database. A broker that runs is named by --addr, with its
operator's token: from then on it sends and writes nothing more, and goes on handing out tokens that are valid. Nothing is
refreshed until the broker is started on the database, so no refresh token is used twice. If it is interrupted, run it again.

Environment: COATCHECK_CONFIG, COATCHECK_DATABASE; with --from also COATCHECK_DATA, COATCHECK_KEY, COATCHECK_ADDR and
COATCHECK_OPERATOR_TOKEN. A flag overrides its variable, but --database shows the password in the list of processes.`;

export function migrateCommand(): Command {
  return define("migrate", "Bring the tables of a PostgreSQL database up to date, or move there from SQLite.", [
    ["COATCHECK_DATABASE=postgres://… coatcheck migrate", ""],
    [
      "COATCHECK_DATABASE=postgres://… coatcheck migrate --from sqlite --data /var/lib/coatcheck --addr http://127.0.0.1:8200 --token-file /var/lib/coatcheck/root-token",
      "",
    ],
  ])
    .option("--config <file>", "the broker's configuration file, which names its data and database")
    .option("--database <url>", "postgres://USER:PASSWORD@HOST:PORT/DATABASE")
    .option("--from <store>", "sqlite: move what is stored in the data folder to the database")
    .option("--data <dir>", "the broker's data folder, with --from (default: the XDG state folder)")
    .option(...TOKEN_FILE)
    .addHelpText("after", EXPLANATION)
    .action(
      runHere<MoveFlags>(async (out, _args, flags) => {
        if (flags.from !== undefined) return (await import("../data/move.ts")).move(out, flags);
        await (await import("../data/migrate.ts")).migrate(out, flags);
      }),
    );
}
