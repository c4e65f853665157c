import type { Command } from "commander";
import { systemClock } from "../../../process/clock.ts";
import { accountOf } from "../../connect/held-session.ts";
import { requireKnownServer } from "../../connect/known-server.ts";
import { type OperatorFlags, operatorOf, TOKEN_FILE } from "../../connect/operator.ts";
import { define, group, run } from "../../frame/command.ts";
import { usage } from "../../frame/fail.ts";
import { type Output, shellWords } from "../../frame/output.ts";
import { columns } from "../../frame/table.ts";
import { whenText } from "../../terminal/duration.ts";

export function sessionCommand(): Command {
  return group("session", "Manage the sessions that programs have at the broker (for operators).", [
    ["coatcheck session list", ""],
    ["coatcheck session end ID", "end one session and revoke its grant"],
    ["coatcheck session end --since 2h", "end all sessions started in the last two hours"],
  ])
    .addCommand(sessionList())
    .addCommand(sessionEnd());
}

function sessionList(): Command {
  return define("list", "List sessions with their accounts and status.", [
    ["coatcheck session list --server github", ""],
  ])
    .option("--server <name>", "only sessions with this server")
    .option("--limit <number>", "maximum number of sessions", "100")
    .option("--after <cursor>", "start after this cursor, for the next page")
    .option(...TOKEN_FILE)
    .action(
      run<OperatorFlags & { server?: string; limit: string; after?: string }>(
        async (out, _args, { server, limit, after, ...flags }) => {
          const operator = await operatorOf(flags);
          const page = await operator.sessions.list({ server, limit, after });
          if (page.sessions.length === 0) await requireKnownServer(operator, server);
          if (out.json) return out.result("", page);
          if (page.sessions.length === 0) return out.note("There are no sessions.");
          const rows = page.sessions.map((one) => {
            const { label = "", last_used_time } = one;
            const used = last_used_time === undefined ? "" : whenText(last_used_time);
            return [one.id, one.status, one.server, accountOf(one) ?? "", label, used];
          });
          out.result(columns(["ID", "STATUS", "SERVER", "ACCOUNT", "LABEL", "LAST USED"], rows), page);
          if (page.next !== undefined)
            out.note(`There are more: ${shellWords(nextPage(page.next, { server, limit, ...flags }))}`);
        },
      ),
    );
}

function nextPage(
  after: string,
  { server, limit, addr, tokenFile }: OperatorFlags & { readonly server?: string | undefined; readonly limit: string },
): readonly string[] {
  const given = { server, limit: limit === "100" ? undefined : limit, addr, "token-file": tokenFile };
  const more = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, value]));
  return ["coatcheck", "session", "list", ...more, "--after", after];
}

type EndFlags = OperatorFlags & { since?: string; until?: string; server?: string };

function sessionEnd(): Command {
  return define("end", "End one session, or all sessions started within a time range, and revoke their grants.", [
    ["coatcheck session end ID", ""],
    ["coatcheck session end --since 2h --server github", "all sessions with github of the last two hours"],
  ])
    .argument("[id]", "the id from session list; not the session's secret")
    .option("--since <time>", "end all sessions started since then: 90m, 2h or 1d ago, or 2026-11-25T08:00:00Z")
    .option("--until <time>", "end only those started before this time")
    .option("--server <name>", "end only those with this server")
    .option(...TOKEN_FILE)
    .action(
      run<EndFlags>(async (out, [id], { since, until, server, ...flags }) => {
        if ((id === undefined) === (since === undefined)) throw usage("give the id of a session, or --since");
        if (id !== undefined && (until ?? server) !== undefined)
          throw usage("--until and --server can only be used with --since");
        if (id === undefined) return endAll(out, flags, { since: timeOf(since), until, server });
        const warnings = await (await operatorOf(flags)).sessions.end(id);
        for (const warning of warnings) out.warn(warning);
        out.result(`session ${id} has ended`, { id, ended: true, warnings });
      }),
    );
}

interface Range {
  readonly since: Date;
  readonly until: string | undefined;
  readonly server: string | undefined;
}

async function endAll(out: Output, flags: OperatorFlags, { since, until, server }: Range): Promise<void> {
  const { sessions } = await operatorOf(flags);
  const range = {
    since,
    ...(until !== undefined && { until: timeOf(until) }),
    ...(server !== undefined && { server }),
  };
  const revoked = await sessions.revoke(range);
  out.result(`${revoked} ${revoked === 1 ? "session has" : "sessions have"} ended`, { revoked });
}

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A time, or how long ago it was. */
function timeOf(text = ""): Date {
  const [, count, unit] = /^(\d+)([smhd])$/.exec(text) ?? [];
  const time =
    unit === undefined ? Date.parse(text) : systemClock.wall() - Number(count) * UNITS[unit as keyof typeof UNITS];
  if (Number.isNaN(time)) throw usage(`"${text}" is not a time: give one like 2h or 2026-11-25T08:00:00Z`);
  return new Date(time);
}
