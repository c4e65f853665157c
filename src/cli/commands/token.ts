import type { Command } from "commander";
import { define, run } from "../frame/command.ts";
import { usage } from "../frame/fail.ts";
import { tokenSource } from "../helpers/sources.ts";
import { writeBearerFile } from "../kept/bearer-file.ts";

interface TokenFlags {
  readonly minValid?: string;
  readonly write?: boolean;
}

export function tokenCommand(): Command {
  return define("token", "Print a current access token.", [
    ["coatcheck token", "of the only login"],
    ["coatcheck token github --min-valid 600", "one that lives for ten minutes yet"],
    ["coatcheck token --write", "into the file that WLCG bearer token discovery reads"],
  ])
    .argument("[name]", "login, or server")
    .option("--min-valid <seconds>", "seconds the token must live on")
    .option("--write", "write it into BEARER_TOKEN_FILE, else bt_u<UID> in the runtime folder; print the path")
    .action(
      run<TokenFlags>(async (out, [name], { minValid, write, addr }) => {
        const token = await tokenSource(out, name, addr)(minimum(minValid));
        if (write) {
          const path = writeBearerFile(token.accessToken);
          return out.result(path, { path });
        }
        out.result(token.accessToken, {
          access_token: token.accessToken,
          token_type: token.tokenType,
          ...(token.expiresIn !== undefined && { expires_in: token.expiresIn }),
          ...(token.scopes && { scopes: token.scopes }),
        });
      }),
    );
}

/** The option --min-valid of every command that hands out tokens. */
export function minimum(text: string | undefined): { readonly minValid?: number } {
  if (text === undefined) return {};
  if (!/^\d{1,9}$/.test(text)) throw usage(`--min-valid "${text}" is not a number of seconds`);
  return { minValid: Number(text) };
}
