import type { Command } from "commander";
import type { DataFlags } from "../connect/local-data.ts";
import { defineHere } from "../frame/command.ts";
import { runHere } from "../frame/run-here.ts";

const EXPLANATION = `
The broker may keep running: the backup is a consistent snapshot of one moment. Tokens in it are sealed as they are in the store,
so it cannot be used without the key. The backup does not contain the key: keep a copy of the key in another place. Refresh
tokens rotate, so a backup is out of date after the next refresh: see docs/operations.md.

Environment: COATCHECK_CONFIG, COATCHECK_DATA, COATCHECK_DATABASE, COATCHECK_KEY. A flag overrides its variable, and a variable the file.`;

export function backupCommand(): Command {
  return defineHere("backup", "Back up everything that is stored to a file.", [
    ["coatcheck backup /var/backups/coatcheck-2026-11-25", ""],
    ["COATCHECK_DATABASE=postgres://… COATCHECK_KEY=file:/etc/coatcheck/key coatcheck backup FILE", ""],
  ])
    .argument("<file>", "the new file")
    .option("--config <file>", "the broker's configuration file, which names its data")
    .option("--data <dir>", "the broker's data folder (default: the XDG state folder)")
    .option("--database <url>", "the broker's PostgreSQL database; COATCHECK_DATABASE is safer for a password")
    .addHelpText("after", EXPLANATION)
    .action(
      runHere<DataFlags>(async (out, [file = ""], flags) =>
        (await import("../data/backup.ts")).backUpTo(out, file, flags),
      ),
    );
}
