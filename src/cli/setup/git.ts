import { spawnSync } from "node:child_process";
import { CliError } from "../fail.ts";
import { shellWords } from "../output.ts";
import type { Target, Wanted } from "./target.ts";

/** git changes its own file: it knows where it is, and writes it atomically. */
export const git: Target = {
  key: "host",
  change: {
    describe: (wanted) =>
      [
        `git config --global, ${section(wanted)}.helper:`,
        '  + ""  (no other program stores our tokens)',
        `  + "${helper(wanted)}"`,
      ].join("\n"),
    apply: (wanted) => {
      config("--replace-all", `${section(wanted)}.helper`, "");
      config("--add", `${section(wanted)}.helper`, helper(wanted));
    },
    undo: (wanted) => config("--unset-all", `${section(wanted)}.helper`),
  },
};

function section({ key }: Wanted): string {
  return `credential.https://${key}`;
}

/** A helper that begins with an exclamation mark is a shell's line. */
function helper({ program }: Wanted): string {
  return `!${shellWords([program, "credential", "git"])}`;
}

/** Nothing to unset. */
const NOT_THERE = 5;

function config(...args: readonly string[]): void {
  const { error, status, stderr } = spawnSync("git", ["config", "--global", ...args], { encoding: "utf8" });
  if (error) throw new CliError("not_run", "git cannot be run: is it installed?");
  if (status !== 0 && status !== NOT_THERE) throw new CliError("failure", `git refuses: ${stderr.trim()}`);
}
