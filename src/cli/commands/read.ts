import type { Command } from "commander";
import type { Answer } from "../../client/index.ts";
import { type OperatorFlags, operatorOf } from "../connect/broker.ts";
import { define, run } from "../frame/command.ts";
import { CliError } from "../frame/fail.ts";
import type { Output } from "../frame/output.ts";
import { parseParameters } from "../frame/parameters.ts";
import { table } from "../frame/table.ts";

export const TOKEN_FILE = ["--token-file <path>", "the operator's token (COATCHECK_OPERATOR_TOKEN)"] as const;

export function readCommand(): Command {
  return define("read", "Read what is at a path of the broker.", [
    ["coatcheck read oauth2/servers/github", ""],
    ["coatcheck read oauth2/creds/deploy-bot minimum_seconds=600", ""],
    ["coatcheck read --field access_token oauth2/creds/deploy-bot", "one field alone"],
  ])
    .argument("<path>")
    .argument("[parameters...]", "key=value")
    .option("--field <name>", "print this field alone")
    .option(...TOKEN_FILE)
    .action(
      run<OperatorFlags & { field?: string }>(async (out, [path = "", ...parameters], { field, ...flags }) => {
        const query = parseParameters(parameters) as Record<string, string>;
        const answer = await (await operatorOf(flags)).read(plainPath(path), query);
        if (!answer?.data) throw new CliError("not_found", `there is nothing at ${path}`);
        showAnswer(out, answer, field);
      }),
    );
}

/** Without slashes at the ends. */
export function plainPath(path: string): string {
  return path.replace(/^\/+|\/+$/g, "");
}

export function showAnswer(out: Output, answer: Answer | undefined, field?: string): void {
  for (const warning of answer?.warnings ?? []) out.warn(warning);
  if (field !== undefined) showField(out, answer, field);
  else if (answer?.data) out.result(table(answer.data), answer.data);
  else out.result("done", { done: true });
}

function showField(out: Output, answer: Answer | undefined, field: string): void {
  const value = answer?.data?.[field];
  if (value === undefined) throw new CliError("not_found", `there is no field "${field}"`);
  out.result(typeof value === "string" ? value : JSON.stringify(value), value);
}
