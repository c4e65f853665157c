import type { Command } from "commander";
import { type OperatorFlags, operatorOf, TOKEN_FILE } from "../../connect/operator.ts";
import { define, run } from "../../frame/command.ts";
import { parseParameters, plainPath } from "../../frame/parameters.ts";
import { showAnswer } from "../../frame/show-answer.ts";

export function writeCommand(): Command {
  return define("write", "Write to a path of the broker. Parameters that are not sent get their defaults.", [
    ["coatcheck write oauth2/servers/github provider=github client_id=ID client_secret=@secret.txt", ""],
    ["coatcheck write oauth2/creds/me server=github refresh_token=-", "read a secret from standard input or a file"],
    ["coatcheck write oauth2/config @config.json", ""],
  ])
    .argument("<path>")
    .argument("[parameters...]", "key=value, key=@file, key=-, @file.json")
    .option("--field <name>", "print only this field of the answer")
    .option(...TOKEN_FILE)
    .action(
      run<OperatorFlags & { field?: string }>(async (out, [path = "", ...parameters], { field, ...flags }) => {
        const body = await parseParameters(parameters);
        showAnswer(out, await (await operatorOf(flags)).write(plainPath(path), body), field);
      }),
    );
}
