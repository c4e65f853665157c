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
    "Tell another program to ask coatcheck for credentials; shows the change before it makes it.",
    [
      ["coatcheck setup git github.com github", "git asks the login github for that host"],
      ["coatcheck setup docker registry.example.com corp", ""],
      ["coatcheck setup kubectl deploy corp", "what is to be pasted is printed"],
      ["coatcheck setup git github.com --undo", "take it back"],
    ],
  )
    .argument("<program>", keys.join(", "))
    .argument("<key>", "what the program names: see there")
    .argument("[name]", "the login that answers (default: the key)")
    .option("--dir <folder>", "folder of the link that the program calls (default: ~/.local/bin, or where it looks)")
    .option("--dry-run", "show the change, and make none")
    .option("--undo", "take it back")
    .option("--kind <name>", `git: what serves it there: ${Object.keys(GIT_KINDS).join(", ")}`)
    .option("--username <name>", "git: the user name beside the token")
    .option("--bearer", "git: the host takes the token as Bearer")
    .option("--no-bearer", "git: it does not; cargo: the registry wants the token alone")
    .action(
      run<SetupFlags>(async (out, [program = "", ...login], flags) => {
        const target = Object.hasOwn(TARGETS, program) ? TARGETS[program] : undefined;
        if (!target) throw usage(`"${program}" is not known: ${Object.keys(TARGETS).join(", ")}`);
        const setup = setupOf(program, target, login, flags);
        if (flags.undo) undoSetup(out, setup);
        else await setUp(out, setup, flags);
      }),
    );
}
