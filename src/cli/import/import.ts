import type { Operator } from "../../client/index.ts";
import type { Found } from "../../import/found.ts";
import { type OperatorFlags, operatorOf } from "../connect/operator.ts";
import { CliError, failureOf, usage } from "../frame/fail.ts";
import { type Output, shellWords } from "../frame/output.ts";
import { ask } from "../terminal/ask.ts";
import { type Plan, planOf, tell } from "./plan.ts";
import { readSource, type SourceFlags } from "./sources.ts";

export type ImportFlags = OperatorFlags &
  SourceFlags & {
    readonly as?: string;
    readonly yes?: boolean;
    readonly dryRun?: boolean;
    readonly sessions: boolean;
  };

/** Shows what can be taken over from another program and what cannot, asks, and writes it; nothing changes at the source. */
export async function importFrom(out: Output, [source = "", ...from]: readonly string[], flags: ImportFlags) {
  const found = renamed(await readSource(source, from, flags, out), flags.as);
  const broker = await operatorOf(flags);
  const plan = await planOf(broker, found, flags.sessions);
  tell(out, plan);
  const isNothing = plan.servers.length + plan.logins.length === 0;
  if (isNothing) out.note("Nothing of it is taken over.");
  if (isNothing || flags.dryRun) return;
  if (!(await isAgreed(out, plan, flags))) {
    const again = ["coatcheck", ...process.argv.slice(2), "--yes"];
    throw usage("nothing was changed: look at the plan, then run it with --yes", again);
  }
  await takeOver(out, broker, plan);
}

/** One server may be called as one likes. */
function renamed(found: Found, name: string | undefined): Found {
  if (name === undefined) return found;
  const [server, ...more] = found.servers;
  if (!server || more.length > 0) throw usage(`--as names one server, and there are ${found.servers.length}`);
  return {
    ...found,
    servers: [{ ...server, name }],
    logins: found.logins.map((login) => ({ ...login, name, server: name })),
  };
}

async function isAgreed(out: Output, { servers, logins }: Plan, { yes }: ImportFlags): Promise<boolean> {
  if (yes || !out.interactive) return yes === true;
  const answer = await ask(
    `Take over ${counted(servers.length, "server")} and ${counted(logins.length, "login")}? (yes/no): `,
  );
  return /^y(es)?$/i.test(answer);
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

/** What fails stays at the source, and the others go on. */
async function takeOver(out: Output, broker: Operator, { servers, logins }: Plan): Promise<void> {
  const failed: string[] = [];
  const doing = async (
    what: string,
    next: readonly string[],
    work: () => Promise<{ warnings: readonly string[] | null } | undefined>,
  ) => {
    try {
      const answer = await work();
      for (const warning of answer?.warnings ?? []) out.warn(`${what}: ${warning}`);
      out.result(`${what} has been taken over: ${shellWords(next)}`, { action: "done", what });
    } catch (error) {
      const { code, message } = failureOf(error);
      failed.push(what);
      out.note(`${out.style("red", "failed:")} ${what}: ${message}`);
      out.event({ action: "failed", what, code, message });
    }
  };
  for (const { server, body } of servers) {
    const login = ["coatcheck", "login", server.name, ...(server.scopes ? ["--scopes", server.scopes.join(" ")] : [])];
    await doing(`server ${server.name}`, login, () => broker.servers.write(server.name, body));
  }
  for (const { name, server, refreshToken } of logins) {
    const read = ["coatcheck", "read", "--field", "access_token", `oauth2/creds/${name}`];
    const body = { server, grant_type: "refresh_token", refresh_token: refreshToken };
    await doing(`login oauth2/creds/${name}`, read, () => broker.creds.write(name, body));
  }
  if (failed.length > 0) throw new CliError("import_failed", `not taken over: ${failed.join(", ")}`);
}
