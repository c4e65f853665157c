import type { Command } from "commander";
import { define, run } from "../frame/command.ts";
import { MIN_VALID, needsOf, tokenSource } from "../tokens/token-source.ts";

export function headerCommand(): Command {
  return define("header", "Print an Authorization header with a current access token.", [
    ["coatcheck header github", "Authorization: Bearer …"],
  ])
    .argument("[name]", "login or server")
    .option(...MIN_VALID)
    .action(
      run<{ minValid?: string }>(async (out, [name], { minValid, addr }) => {
        const { tokenType, accessToken } = await tokenSource(out, name, addr)(needsOf(minValid));
        const value = `${tokenType} ${accessToken}`;
        out.value(`Authorization: ${value}`, { authorization: value });
      }),
    );
}
