import type { Command } from "commander";
import type { ServeFlags } from "../../process/config.ts";
import { defineHere } from "../frame/command.ts";
import { runHere } from "../frame/run-here.ts";

const EXPLANATION = `
The result is a copy. A broker that serves a copy hands out the tokens that are still valid and sends nothing to any provider,
because a provider treats an old refresh token as stolen and ends the login that has the newest one. When the original is gone
for good, use --take-over, here or later with serve.

The key of the backup must be present: in the folder, or in COATCHECK_KEY.

Environment: COATCHECK_CONFIG, COATCHECK_DATA, COATCHECK_DATABASE, COATCHECK_KEY. A flag overrides its variable, and a variable the file.`;

export function restoreCommand(): Command {
  return defineHere("restore", "Fill an empty folder or database from a backup.", [
    ["install -m 600 KEY /var/lib/coatcheck/key", "put the key in place first"],
    ["coatcheck restore /var/backups/coatcheck-2026-11-25 --data /var/lib/coatcheck", ""],
    ["COATCHECK_DATABASE=postgres://… COATCHECK_KEY=file:/etc/coatcheck/key coatcheck restore FILE --take-over", ""],
  ])
    .argument("<file>", "the backup")
    .option("--config <file>", "the broker's configuration file, which names its data")
    .option("--data <dir>", "the broker's data folder (default: the XDG state folder)")
    .option("--database <url>", "the broker's PostgreSQL database; COATCHECK_DATABASE is safer for a password")
    .option("--take-over", "confirm that nobody else uses these credentials any more")
    .addHelpText("after", EXPLANATION)
    .action(
      runHere<ServeFlags>(async (out, [file = ""], flags) =>
        (await import("../data/restore.ts")).fill(out, file, flags),
      ),
    );
}
