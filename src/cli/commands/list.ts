import type { Command } from "commander";
import { type OperatorFlags, operatorOf, TOKEN_FILE } from "../connect/operator.ts";
import { define, run } from "../frame/command.ts";
import { CliError } from "../frame/fail.ts";
import type { Output } from "../frame/output.ts";
import { plainPath } from "../frame/parameters.ts";
import { columns } from "../frame/table.ts";
import { readSessions } from "../kept/sessions-file.ts";

export function listCommand(): Command {
  return define("list", "List the logins on this machine, or what is stored below a path of the broker.", [
    ["coatcheck list", "list the logins"],
    ["coatcheck list oauth2/creds", "for operators: list the credentials"],
  ])
    .argument("[path]")
    .option(...TOKEN_FILE)
    .action(
      run<OperatorFlags>(async (out, [path], flags) => {
        if (path === undefined) return listLogins(out);
        const answer = await (await operatorOf(flags)).list(plainPath(path));
        const keys = answer?.data?.keys as readonly string[] | undefined;
        if (!keys) throw new CliError("not_found", `nothing is stored below ${path}`);
        out.result(keys.join("\n"), answer?.data);
      }),
    );
}

/** From the file alone: `status` asks the broker. */
function listLogins(out: Output): void {
  const sessions = Object.entries(readSessions()).map(([name, { broker, server, account, scopes, pending, next }]) => {
    return {
      name,
      server,
      broker,
      scopes,
      ...(account !== undefined && { account }),
      pending: pending === true,
      waiting: next !== undefined,
    };
  });
  if (sessions.length === 0) out.note("Nobody is signed in. To sign in: coatcheck login SERVER");
  const rows = sessions.map(({ name, server, account = "", pending, waiting, broker }) => {
    return [name, server, pending ? "(pending)" : `${account}${waiting ? " (another login is pending)" : ""}`, broker];
  });
  const text = columns(["NAME", "SERVER", "ACCOUNT", "BROKER"], rows);
  if (sessions.length > 0 || out.json) out.result(text, { sessions });
}
