import type { Command } from "commander";
import { ask, heldSession } from "./broker/held-session.ts";
import { define, run } from "./command.ts";
import { minimum } from "./token.ts";

export function headerCommand(): Command {
  return define("header", "Print an Authorization header with a current access token.", [
    ["coatcheck header github", "Authorization: Bearer …"],
  ])
    .argument("[name]", "login, or server")
    .option("--min-valid <seconds>", "seconds the token must live on")
    .action(
      run<{ minValid?: string }>(async (out, [name], { minValid, addr }) => {
        const held = await heldSession(out, name, addr);
        const { tokenType, accessToken } = await ask(held, held.session.tokenDetails(minimum(minValid)));
        const value = `${tokenType} ${accessToken}`;
        out.result(`Authorization: ${value}`, { authorization: value });
      }),
    );
}
