import type { Command } from "commander";
import { type OperatorFlags, operatorOf, TOKEN_FILE } from "../../connect/operator.ts";
import { define, run } from "../../frame/command.ts";
import { parseParameters, plainPath } from "../../frame/parameters.ts";
import { showAnswer } from "../../frame/show-answer.ts";

export function deleteCommand(): Command {
  return define("delete", "Delete what is stored at a path of the broker. Deleting a credential revokes its grant.", [
    ["coatcheck delete oauth2/creds/deploy-bot", ""],
    ["coatcheck delete oauth2/creds/deploy-bot revoke=false", "without revoking the grant"],
  ])
    .argument("<path>")
    .argument("[parameters...]", "key=value")
    .option(...TOKEN_FILE)
    .action(
      run<OperatorFlags>(async (out, [path = "", ...parameters], flags) => {
        const query = (await parseParameters(parameters)) as Record<string, string>;
        showAnswer(out, await (await operatorOf(flags)).delete(plainPath(path), query));
      }),
    );
}
