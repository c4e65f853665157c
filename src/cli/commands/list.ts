import type { Command } from "commander";
import { type LeftLogin, leftLogin, leftText } from "../connect/held-session.ts";
import { type OperatorFlags, operatorOf, TOKEN_FILE } from "../connect/operator.ts";
import { define, run } from "../frame/command.ts";
import { CliError } from "../frame/fail.ts";
import type { Output } from "../frame/output.ts";
import { plainPath } from "../frame/parameters.ts";
import { columns } from "../frame/table.ts";
import { type KeptSession, readSessions } from "../kept/sessions-file.ts";

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
        out.result(keys, answer?.data);
      }),
    );
}

/** From the file alone, but for logins that were left to a person: how they ended is known to their brokers. */
async function listLogins(out: Output): Promise<void> {
  const kept = Object.entries(readSessions());
  const logins = await Promise.all(kept.map(([name, session]) => listed(out, name, session)));
  if (logins.length === 0) out.note("Nobody is signed in. To sign in: coatcheck login SERVER");
  const rows = logins.map(({ who, login: { name, server, broker } }) => [name, server, who, broker]);
  const text = columns(["NAME", "SERVER", "ACCOUNT", "BROKER"], rows);
  if (logins.length > 0 || out.json) out.result(text, { sessions: logins.map(({ login }) => login) });
}

async function listed(out: Output, name: string, session: KeptSession) {
  const { broker, server, scopes, account, pending = false, over, next } = session;
  const ended: LeftLogin | undefined = over && { status: over };
  const left = pending || next ? await leftLogin(out, next ?? session) : ended;
  const isOpen = left?.status === "pending" || left?.status === "unknown";
  const known = account ?? (next ? undefined : left?.account);
  const login = {
    ...{ name, server, broker, scopes },
    ...(known !== undefined && { account: known }),
    pending: pending && isOpen,
    waiting: next !== undefined && isOpen,
    ...(left && { [next ? "waiting_status" : "status"]: left.status }),
  };
  const state = left ? leftText(left) : "";
  const who = next ? [account, `(another login: ${state})`] : [known, ...(left ? [`(${state})`] : [])];
  return { login, who: who.filter((part) => part !== undefined).join(" ") };
}
