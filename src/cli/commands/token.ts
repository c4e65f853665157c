import { lstatSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { define, run } from "../frame/command.ts";
import { environment } from "../frame/environment.ts";
import { CliError, usage } from "../frame/fail.ts";
import { runHere } from "../frame/run-here.ts";
import { replaceFile } from "../kept/private-file.ts";
import { MIN_VALID, needsOf, tokenSource } from "../tokens/token-source.ts";

interface TokenFlags {
  readonly minValid?: string;
  readonly write?: boolean;
  readonly data?: string;
}

export function tokenCommand(): Command {
  return define("token", "Print a current access token.", [
    ["coatcheck token", "the only login's token"],
    ["coatcheck token github --min-valid 600", "a token that is valid for at least ten more minutes"],
    ["coatcheck token --write", "write it to the file that WLCG bearer token discovery reads"],
    ["coatcheck token root --data /var/lib/coatcheck", "for operators: another root token for a broker"],
  ])
    .argument("[name]", "login or server")
    .option(...MIN_VALID)
    .option("--write", "write it to BEARER_TOKEN_FILE, or to bt_u<UID> in the runtime folder; print the path")
    .option("--data <dir>", "with `root`: the data folder whose root token is made anew")
    .action((...all) => (isForRoot(all) ? makeRootToken : printToken)(...all));
}

/** A login may be called so as well: the folder says what is meant. */
function isForRoot(all: readonly unknown[]): boolean {
  const command = all.at(-1);
  return command instanceof Command && command.args[0] === "root" && command.opts<TokenFlags>().data !== undefined;
}

const makeRootToken = runHere<TokenFlags>(async (out, _args, { data }) => {
  const { newRootToken } = await import("../data/new-root-token.ts");
  newRootToken(out, data === undefined ? {} : { data });
});

const printToken = run<TokenFlags>(async (out, [name], { minValid, write, addr, data }) => {
  if (data !== undefined) throw usage("--data goes with the root token alone: coatcheck token root --data FOLDER");
  const token = await tokenSource(out, name, addr)(needsOf(minValid));
  if (write) {
    const path = writeBearerFile(token.accessToken);
    return out.result(path, { path });
  }
  out.value(token.accessToken, {
    access_token: token.accessToken,
    token_type: token.tokenType,
    ...(token.expiresIn !== undefined && { expires_in: token.expiresIn }),
    ...(token.scopes && { scopes: token.scopes }),
  });
});

/**
 * WLCG Bearer Token Discovery: BEARER_TOKEN_FILE, else bt_u<UID> in the runtime folder, else in the temporary folder. That one is
 * everybody's: what is there must be a file of our own, and only a new one is written.
 */
function writeBearerFile(token: string): string {
  const uid = process.getuid?.() ?? 0;
  const path = environment().BEARER_TOKEN_FILE || join(environment().XDG_RUNTIME_DIR || tmpdir(), `bt_u${uid}`);
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found && found.uid !== uid) throw new CliError("file_exposed", `${path} belongs to another user: remove it`);
  if (found && !found.isFile()) throw new CliError("file_exposed", `${path} is not a regular file: remove it`);
  replaceFile(path, `${token}\n`);
  return path;
}
