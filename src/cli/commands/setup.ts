import type { Command } from "commander";
import { define, run } from "../frame/command.ts";
import { usage } from "../frame/fail.ts";
import { GIT_KINDS } from "../helpers/git-hosts.ts";
import { type SetupFlags, setUp, setupOf, undoSetup } from "../setup/set-up.ts";
import { TARGETS } from "../setup/targets.ts";

export function setupCommand(): Command {
  const keys = Object.entries(TARGETS).map(([name, { key }]) => `${name} (${key.toUpperCase()})`);
  return define(
    "setup",
    "Configure another program to get its credentials from Coatcheck. Shows each change before making it.",
    [
      ["coatcheck setup git github.com github", "git uses the login github for that host"],
      ["coatcheck setup docker registry.example.com corp", ""],
      ["coatcheck setup kubectl deploy corp", "print the configuration to paste"],
      ["coatcheck setup git github.com --undo", "undo the setup"],
    ],
  )
    .argument("<program>", keys.join(", "))
    .argument("<key>", "the host or name that the program uses: see docs/cli.md")
    .argument("[name]", "the login to use (default: the key)")
    .option(
      "--dir <folder>",
      "folder for the link that the program runs (default: ~/.local/bin, or where the program looks)",
    )
    .option("--dry-run", "show the change without making it")
    .option("--undo", "undo the setup")
    .option("--kind <name>", `git: the software of the host: ${Object.keys(GIT_KINDS).join(", ")}`)
    .option("--username <name>", "git: the user name to send with the token")
    .option("--bearer", "git: send the token as a Bearer token")
    .option("--no-bearer", "git: do not send it as a Bearer token; cargo: send the token without the word Bearer")
    .action(
      run<SetupFlags>(async (out, [program = "", ...login], flags) => {
        const target = Object.hasOwn(TARGETS, program) ? TARGETS[program] : undefined;
        if (!target) throw usage(`unknown program "${program}": give ${Object.keys(TARGETS).join(", ")}`);
        const setup = setupOf(program, target, login, flags);
        if (flags.undo) undoSetup(out, setup);
        else await setUp(out, setup, flags);
      }),
    );
}
