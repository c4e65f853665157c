import type { Command } from "commander";
import { ask, heldSession } from "./broker/held-session.ts";
import { define, run } from "./command.ts";
import { environment } from "./environment.ts";
import { usage } from "./fail.ts";
import { renewFile } from "./files/renew-file.ts";
import type { CommonFlags, Output } from "./output.ts";
import { runChild, splitWords } from "./run-child.ts";
import { minimum } from "./token.ts";

interface ExecFlags extends CommonFlags {
  readonly env: string;
  readonly renew?: boolean;
  readonly minValid?: string;
}

export function execCommand(): Command {
  return define("exec", "Run a command with a current access token in its environment.", [
    ["coatcheck exec -- gh api user", "of the only login, in COATCHECK_TOKEN"],
    ["coatcheck exec github --env GH_TOKEN -- gh api user", ""],
    ["coatcheck exec github --renew -- ./long-job", "a file named by COATCHECK_TOKEN_FILE, kept current"],
  ])
    .usage("[options] [name] -- <command...>")
    .argument("[words...]", "login or server; after -- the command")
    .option("--env <name>", "the variable", "COATCHECK_TOKEN")
    .option("--renew", "keep a file current (0600) while the command runs; COATCHECK_TOKEN_FILE names it")
    .option("--min-valid <seconds>", "seconds the token must live on at the start")
    .action(run<ExecFlags>((out, words, flags) => execute(out, words, flags)));
}

async function execute(out: Output, words: readonly string[], flags: ExecFlags): Promise<void> {
  const { before, command } = splitWords(process.argv, words);
  if (command.length === 0) throw usage("give the command after --");
  const held = await heldSession(out, before[0], flags.addr);
  const { accessToken } = await ask(held, held.session.tokenDetails(minimum(flags.minValid)));
  const file = flags.renew ? await renewFile(held.session, (message) => out.warn(message)) : undefined;
  const env = { ...environment, [flags.env]: accessToken, ...(file && { COATCHECK_TOKEN_FILE: file.path }) };
  try {
    process.exitCode = await runChild(command, { env });
  } finally {
    file?.stop();
  }
}
