import { Command } from "commander";
import { VERSION } from "../version.ts";
import { backupCommand } from "./backup.ts";
import { keysCommand } from "./keys.ts";
import { migrateCommand } from "./migrate.ts";
import { restoreCommand } from "./restore.ts";
import { serveCommand } from "./serve.ts";

const program = new Command("coatcheck")
  .description("An OAuth credential broker for programs without a browser.")
  .version(VERSION, "-V, --version")
  .showSuggestionAfterError(true)
  .addCommand(serveCommand())
  .addCommand(migrateCommand())
  .addCommand(backupCommand())
  .addCommand(restoreCommand())
  .addCommand(keysCommand());

// Exit code 2 is for usage (unknown option, bad value); everything else that fails is 1.
program.exitOverride((error) => {
  process.exitCode = error.exitCode === 0 ? 0 : 2;
  throw error;
});
for (const command of program.commands.flatMap((one) => [one, ...one.commands]))
  command.exitOverride((error) => {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
    throw error;
  });

await program.parseAsync().catch(() => {
  process.exitCode ??= 1;
});
