import type { Command } from "commander";
import { restore } from "../../compose/backup.ts";
import { loadConfig, type ServeFlags } from "../../process/config.ts";
import { defineHere } from "../frame/command.ts";
import type { Output } from "../frame/output.ts";
import { runHere } from "../frame/run-here.ts";

const EXPLANATION = `
What is restored is a copy: a broker that serves it hands out the tokens that are still valid, and sends nothing to any
provider, because a provider takes an old refresh token for a stolen one and ends the login of whoever has the newest. When the
original is gone for good, say so by --take-over, here or later with serve.

The key of the backup must be there: in the folder, or by COATCHECK_KEY.

Environment: COATCHECK_DATA, COATCHECK_DATABASE, COATCHECK_KEY. A flag wins over its variable.`;

export function restoreCommand(): Command {
  return defineHere("restore", "Fill an empty folder or database from a backup.", [
    ["install -m 600 KEY /var/lib/coatcheck/key", "first the key"],
    ["coatcheck restore /var/backups/coatcheck-2026-11-25 --data /var/lib/coatcheck", ""],
    ["COATCHECK_DATABASE=postgres://… COATCHECK_KEY=file:/etc/coatcheck/key coatcheck restore FILE --take-over", ""],
  ])
    .argument("<file>", "the backup")
    .option("--data <dir>", "folder of the broker (default: the XDG state folder)")
    .option("--database <url>", "its PostgreSQL database; a password is safer in COATCHECK_DATABASE")
    .option("--take-over", "nobody else uses these credentials any more")
    .addHelpText("after", EXPLANATION)
    .action(runHere<ServeFlags>((out, [file = ""], flags) => fill(out, file, flags)));
}

async function fill(out: Output, file: string, flags: ServeFlags): Promise<void> {
  process.umask(0o077);
  const { rows, deployment, takenAt } = await restore(loadConfig(flags), file);
  const next = flags.takeOver
    ? "It is taken over: the next start refreshes what is due. Logins whose tokens were rotated since must be made again."
    : "It is a copy, and refreshes nothing until it is started with --take-over.";
  const text = `${rows} records of deployment ${deployment}, as they were at ${takenAt}.\n${next}`;
  out.result(text, { records: rows, deployment, taken_time: takenAt, taken_over: flags.takeOver === true });
}
