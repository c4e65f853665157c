import type { Command } from "commander";
import { backUp } from "../../compose/backup.ts";
import { loadConfig } from "../../process/config.ts";
import { defineHere } from "../frame/command.ts";
import { runHere } from "../frame/run-here.ts";

const EXPLANATION = `
The broker may run meanwhile: the backup is everything as of one moment. Tokens in it are sealed as they are in the store, so
it is worth nothing without the key, which is not in it: keep a copy of the key somewhere else. Refresh tokens rotate, so a
backup is old from the next refresh on: see docs/operations.md.

Environment: COATCHECK_DATA, COATCHECK_DATABASE, COATCHECK_KEY. A flag wins over its variable.`;

interface Flags {
  readonly data?: string;
  readonly database?: string;
}

export function backupCommand(): Command {
  return defineHere("backup", "Write everything that is stored to a file.", [
    ["coatcheck backup /var/backups/coatcheck-2026-11-25", ""],
    ["COATCHECK_DATABASE=postgres://… COATCHECK_KEY=file:/etc/coatcheck/key coatcheck backup FILE", ""],
  ])
    .argument("<file>", "the new file")
    .option("--data <dir>", "folder of the broker (default: the XDG state folder)")
    .option("--database <url>", "its PostgreSQL database; a password is safer in COATCHECK_DATABASE")
    .addHelpText("after", EXPLANATION)
    .action(
      runHere<Flags>(async (out, [file = ""], flags) => {
        const { rows, deployment } = await backUp(loadConfig(flags), file);
        const text = `${file}: ${rows} records of deployment ${deployment}. The key is not in it: keep it apart.`;
        out.result(text, { file, records: rows, deployment });
      }),
    );
}
