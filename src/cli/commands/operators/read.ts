import type { Command } from "commander";
import { type OperatorFlags, operatorOf, TOKEN_FILE } from "../../connect/operator.ts";
import { define, run } from "../../frame/command.ts";
import { CliError } from "../../frame/fail.ts";
import { parseParameters, plainPath } from "../../frame/parameters.ts";
import { showAnswer } from "../../frame/show-answer.ts";

export function readCommand(): Command {
  return define("read", "Read what is stored at a path of the broker.", [
    ["coatcheck read oauth2/servers/github", ""],
    ["coatcheck read oauth2/creds/deploy-bot minimum_seconds=600", ""],
    ["coatcheck read --field access_token oauth2/creds/deploy-bot", "only one field"],
  ])
    .argument("<path>")
    .argument("[parameters...]", "key=value")
    .option("--field <name>", "print only this field")
    .option(...TOKEN_FILE)
    .action(
      run<OperatorFlags & { field?: string }>(async (out, [path = "", ...parameters], { field, ...flags }) => {
        const query = (await parseParameters(parameters)) as Record<string, string>;
        const answer = await (await operatorOf(flags)).read(plainPath(path), query);
        if (!answer?.data) throw new CliError("not_found", `nothing is stored at ${path}`);
        showAnswer(out, answer, field);
      }),
    );
}
