import type { Command } from "commander";
import { backUp } from "../../compose/backup.ts";
import { loadConfig } from "../../process/config.ts";
import { type DataFlags, requireData } from "../connect/local-data.ts";
import { defineHere } from "../frame/command.ts";
import { fileTrouble, fileUnusable } from "../frame/fail.ts";
import { runHere } from "../frame/run-here.ts";

const EXPLANATION = `
The broker may keep running: the backup is a consistent snapshot of one moment. Tokens in it are sealed as they are in the store,
so it cannot be used without the key. The backup does not contain the key: keep a copy of the key in another place. Refresh
tokens rotate, so a backup is out of date after the next refresh: see docs/operations.md.

Environment: COATCHECK_DATA, COATCHECK_DATABASE, COATCHECK_KEY. A flag overrides its variable.`;

export function backupCommand(): Command {
  return defineHere("backup", "Back up everything that is stored to a file.", [
    ["coatcheck backup /var/backups/coatcheck-2026-11-25", ""],
    ["COATCHECK_DATABASE=postgres://… COATCHECK_KEY=file:/etc/coatcheck/key coatcheck backup FILE", ""],
  ])
    .argument("<file>", "the new file")
    .option("--data <dir>", "the broker's data folder (default: the XDG state folder)")
    .option("--database <url>", "the broker's PostgreSQL database; COATCHECK_DATABASE is safer for a password")
    .addHelpText("after", EXPLANATION)
    .action(
      runHere<DataFlags>(async (out, [file = ""], flags) => {
        requireData("backup", flags);
        const config = loadConfig(flags);
        const { rows, deployment } = await backUp(config, file).catch((error: unknown) => {
          throw troubleOf(error, file);
        });
        const from = config.database ? "the database" : config.data;
        const text = `${file}: ${rows} records of deployment ${deployment}, from ${from}. The backup does not contain the key: keep the key in another place.`;
        out.result(text, { file, records: rows, deployment, ...(!config.database && { data: config.data }) });
      }),
    );
}

/** What the system refuses at the backup's own file: what is written by a descriptor has no path. */
function troubleOf(error: unknown, file: string): unknown {
  const { code, path = file } = error as NodeJS.ErrnoException;
  if (!path.startsWith(file)) return error;
  if (code === "ENOENT") return fileUnusable({ what: file, cure: "its folder does not exist" });
  const trouble = fileTrouble(Object.assign(error as Error, { path: file }));
  return trouble ? fileUnusable(trouble) : error;
}
