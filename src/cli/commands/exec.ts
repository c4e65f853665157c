import type { Command } from "commander";
import { define, run } from "../frame/command.ts";
import { environment } from "../frame/environment.ts";
import { usage } from "../frame/fail.ts";
import type { CommonFlags, Output } from "../frame/output.ts";
import { runChild, splitWords } from "../frame/run-child.ts";
import { renewFile } from "../tokens/renew-file.ts";
import { needsOf, tokenSource } from "../tokens/token-source.ts";

interface ExecFlags extends CommonFlags {
  readonly env: readonly string[];
  readonly renew?: boolean;
  readonly minValid?: string;
}

export function execCommand(): Command {
  return define("exec", "Run a command with a current access token in its environment.", [
    ["coatcheck exec -- gh api user", "the only login's token, in COATCHECK_TOKEN"],
    ["coatcheck exec github --env GH_TOKEN -- gh api user", ""],
    ["coatcheck exec --env NPM_TOKEN=npm --env GH_TOKEN=github -- npm publish", "the tokens of several logins"],
    [
      "coatcheck exec github --renew -- ./long-job",
      "keep the token current in the file that COATCHECK_TOKEN_FILE names",
    ],
  ])
    .usage("[options] [name] -- <command...>")
    .argument("[words...]", "login or server; the command comes after --")
    .option(
      "--env <variable>",
      "the variable (default: COATCHECK_TOKEN), or VARIABLE=LOGIN; may be repeated",
      (one: string, all: readonly string[]) => [...all, one],
      [],
    )
    .option(
      "--renew",
      "keep the token current in a file (0600) while the command runs; COATCHECK_TOKEN_FILE names the file",
    )
    .option("--min-valid <seconds>", "minimum remaining lifetime of the token at the start")
    .action(run<ExecFlags>((out, words, flags) => execute(out, words, flags)));
}

async function execute(out: Output, words: readonly string[], flags: ExecFlags): Promise<void> {
  const { name, command } = splitWords(process.argv, words);
  if (command.length === 0) throw usage("give the command after --");
  const needs = needsOf(flags.minValid);
  const variables = tokenVariables(flags.env, name);
  const logins = new Set(variables.map(({ login }) => login));
  if (flags.renew && logins.size > 1) throw usage("--renew keeps the token of only one login current: name that login");
  const sources = new Map([...logins].map((login) => [login, tokenSource(out, login, flags.addr)]));
  const tokens = new Map<string | undefined, string>();
  for (const [login, current] of sources) tokens.set(login, (await current(needs)).accessToken);
  const [current] = sources.values();
  const file = flags.renew && current ? await renewFile(current, (message) => out.warn(message)) : undefined;
  const env = {
    ...environment(),
    ...Object.fromEntries(variables.map(({ variable, login }) => [variable, tokens.get(login)])),
    ...(file && { COATCHECK_TOKEN_FILE: file.path }),
  };
  try {
    process.exitCode = await runChild(command, { env });
  } finally {
    file?.stop();
  }
}

interface TokenVariable {
  readonly variable: string;
  /** Absent: the only one. */
  readonly login: string | undefined;
}

/** What --env asks for; a login that is named beside them and has no variable gets COATCHECK_TOKEN. */
function tokenVariables(texts: readonly string[], name: string | undefined): readonly TokenVariable[] {
  const given = texts.map((text) => {
    const [variable = "", ...login] = text.split("=");
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(variable))
      throw usage(`--env "${text}" does not name a variable: give VAR or VAR=LOGIN`);
    if (login.length > 0 && login.join("=") === "")
      throw usage(`--env "${text}" does not name a login: give ${variable}=LOGIN`);
    return { variable, login: login.length > 0 ? login.join("=") : name };
  });
  const twice = given.find(({ variable }, index) => given.findIndex((one) => one.variable === variable) !== index);
  if (twice) throw usage(`--env ${twice.variable} is given twice`);
  const isServed = given.some(({ login }) => login === name);
  return given.length === 0 || (name !== undefined && !isServed)
    ? [...given, { variable: "COATCHECK_TOKEN", login: name }]
    : given;
}
