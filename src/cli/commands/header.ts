import type { Command } from "commander";
import { define, run } from "../frame/command.ts";
import { tokenSource } from "../helpers/sources.ts";
import { minimum } from "./token.ts";

export function headerCommand(): Command {
  return define("header", "Print an Authorization header with a current access token.", [
    ["coatcheck header github", "Authorization: Bearer …"],
  ])
    .argument("[name]", "login, or server")
    .option("--min-valid <seconds>", "seconds the token must live on")
    .action(
      run<{ minValid?: string }>(async (out, [name], { minValid, addr }) => {
        const { tokenType, accessToken } = await tokenSource(out, name, addr)(minimum(minValid));
        const value = `${tokenType} ${accessToken}`;
        out.result(`Authorization: ${value}`, { authorization: value });
      }),
    );
}
