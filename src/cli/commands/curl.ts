import { mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import { define, run } from "../frame/command.ts";
import { environment } from "../frame/environment.ts";
import { naming, usage } from "../frame/fail.ts";
import { runChild, splitWords } from "../frame/run-child.ts";
import { runtimeFolder } from "../kept/folders.ts";
import { MIN_VALID, needsOf, tokenSource } from "../tokens/token-source.ts";

/** The first descriptor that is free. */
const CONFIG_FD = 3;

export function curlCommand(): Command {
  return define("curl", "Run curl with a current access token. The token does not appear in curl's arguments.", [
    ["coatcheck curl github -- https://api.github.com/user", ""],
  ])
    .usage("[options] [name] -- <curl's arguments...>")
    .argument("[words...]", "login or server; the arguments after -- go to curl")
    .option(...MIN_VALID)
    .action(
      run<{ minValid?: string }>(async (out, words, { minValid, addr }) => {
        const { name, command } = splitWords(process.argv, words);
        if (command.length === 0) throw usage("give curl's arguments after --");
        const { tokenType, accessToken } = await tokenSource(out, name, addr)(needsOf(minValid));
        const config = `header = "Authorization: ${tokenType} ${accessToken.replaceAll(/["\\]/g, "\\$&")}"\n`;
        process.exitCode = await runChild(["curl", "--config", `/dev/fd/${CONFIG_FD}`, ...command], {
          env: environment(),
          stdio: ["inherit", "inherit", "inherit", namelessFile(config)],
        });
      }),
    );
}

/** A file that has no name any more when it gets its content; it is gone with the last who has it open. */
function namelessFile(text: string): number {
  const folder = mkdtempSync(join(runtimeFolder(true) ?? tmpdir(), "curl-"));
  const path = join(folder, "config");
  const file = openSync(path, "wx+", 0o600);
  rmSync(folder, { recursive: true });
  // At a position: the offset, which the reader may share, stays at the beginning.
  naming(path, () => writeSync(file, text, 0));
  return file;
}
