import { runProgramNow } from "../frame/children.ts";
import { CliError } from "../frame/fail.ts";
import { shellWords } from "../frame/output.ts";
import { pathKey } from "./keys.ts";
import type { Entry, Target } from "./target.ts";

/**
 * git changes its own file: it knows where it is, and writes it atomically. Ours are the last two of the host's helpers: the
 * empty one, behind which git asks nobody before it, and this program. What somebody has there stays, and is asked again
 * after `--undo`.
 */
export const git: Target = {
  key: "host",
  normal: pathKey,
  change: {
    describe: (entry) => [
      `git config --global, ${section(entry)}.helper:`,
      '  + ""  (no other program stores our tokens)',
      `  + "${helper(entry)}"`,
      ...(hasPath(entry)
        ? [`git config --global, ${section(entry)}.useHttpPath:`, '  + "true"  (git tells us the path)']
        : []),
    ],
    apply: (entry) => {
      takeAway(entry);
      config("--add", key(entry), "");
      config("--add", key(entry), helper(entry));
      if (hasPath(entry)) config(`${section(entry)}.useHttpPath`, "true");
    },
    undo: (entry) => {
      takeAway(entry);
      if (hasPath(entry)) config("--unset-all", `${section(entry)}.useHttpPath`, "^true$");
    },
  },
};

function section({ key }: Entry): string {
  return `credential.https://${key}`;
}

function key(entry: Entry): string {
  return `${section(entry)}.helper`;
}

function hasPath({ key }: Entry): boolean {
  return key.includes("/");
}

/** A helper that begins with an exclamation mark is a shell's line. */
function helper({ bin }: Entry): string {
  return `!${shellWords([bin, "credential", "git"])}`;
}

/** Wherever this program was when it was set up. */
const OURS = /^!.*\bcoatcheck(\.js)?'? credential git$/;

function takeAway(entry: Entry): void {
  const values = config("--get-all", "--null", key(entry)).split("\0").slice(0, -1);
  const at = values.findIndex((value) => OURS.test(value));
  if (at === -1) return;
  const others = values.filter((_, index) => index !== at && (index !== at - 1 || values[index] !== ""));
  if (!others.includes("")) {
    // Every other line of the file stays as it is.
    config("--fixed-value", "--unset-all", key(entry), values[at] ?? "");
    if (values.includes("")) config("--unset-all", key(entry), "^$");
    return;
  }
  // git cannot tell two empty ones apart.
  config("--unset-all", key(entry));
  for (const value of others) config("--add", key(entry), value);
}

/** There is none to read, or to unset. */
const NOT_THERE: ReadonlySet<number | null> = new Set([1, 5]);

function config(...args: readonly string[]): string {
  const { error, status, stderr, stdout } = runProgramNow("git", ["config", "--global", ...args]);
  if (error) throw new CliError("not_run", "cannot run git: is it installed?");
  if (status === 0 || (NOT_THERE.has(status) && stderr === "")) return stdout;
  throw new CliError("failure", `git failed: ${stderr.trim()}`);
}
