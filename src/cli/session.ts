import type { Command } from "commander";
import { systemClock } from "../clock.ts";
import { type OperatorFlags, operatorOf } from "./broker/broker.ts";
import { define, group, run } from "./command.ts";
import { TOKEN_FILE } from "./read.ts";
import { fromNow } from "./terminal/duration.ts";
import { columns } from "./vault/table.ts";

export function sessionCommand(): Command {
  return group("session", "The sessions that programs hold at the broker; an operator's.", [
    ["coatcheck session list", ""],
    ["coatcheck session end ID", "its grant is revoked"],
  ])
    .addCommand(listSessions())
    .addCommand(endSession());
}

function listSessions(): Command {
  return define("list", "List sessions, their people and their state.", [
    ["coatcheck session list --server github", ""],
  ])
    .option("--server <name>", "only of this server")
    .option("--limit <number>", "at most so many", "100")
    .option("--after <cursor>", "the next page")
    .option(...TOKEN_FILE)
    .action(
      run<OperatorFlags & { server?: string; limit: string; after?: string }>(
        async (out, _args, { server, limit, after, ...flags }) => {
          const page = await (await operatorOf(flags)).sessions.list({ server, limit, after });
          if (out.json) return out.result("", page);
          if (page.sessions.length === 0) return out.note("There are no sessions.");
          const rows = page.sessions.map((one) => {
            const { account, label = "", last_used_time } = one;
            const used = last_used_time === undefined ? "" : fromNow(Date.parse(last_used_time), systemClock.wall());
            return [one.id, one.status, one.server, account?.name ?? account?.subject ?? "", label, used];
          });
          out.result(columns(["ID", "STATUS", "SERVER", "ACCOUNT", "LABEL", "LAST USED"], rows), page);
          if (page.next !== undefined) out.note(`There are more: coatcheck session list --after ${page.next}`);
        },
      ),
    );
}

function endSession(): Command {
  return define("end", "End a session: its grant is revoked.", [["coatcheck session end ID", ""]])
    .argument("<id>", "as session list says it; not the session's secret")
    .option(...TOKEN_FILE)
    .action(
      run<OperatorFlags>(async (out, [id = ""], flags) => {
        const warnings = await (await operatorOf(flags)).sessions.end(id);
        for (const warning of warnings) out.warn(warning);
        out.result(`session ${id} is ended`, { id, ended: true, warnings });
      }),
    );
}
