import type { Command } from "commander";
import { didYouMean } from "../../providers/nearest.ts";
import { tellAgent } from "../agent/ask-agent.ts";
import { findLogin, type KeptLogin, loginsAt, namedBroker } from "../connect/find-login.ts";
import { heldSession } from "../connect/held-session.ts";
import { define, run } from "../frame/command.ts";
import { environment } from "../frame/environment.ts";
import { CliError, EXIT, failureOf, usage } from "../frame/fail.ts";
import type { CommonFlags, Output } from "../frame/output.ts";
import { forgetSession, readSessions } from "../kept/sessions-file.ts";
import { endSession } from "../sign-in/end-session.ts";

export function logoutCommand(): Command {
  return define("logout", "Sign out: revoke the grant at the provider and end the session.", [
    ["coatcheck logout github", ""],
    ["coatcheck logout --all", "every login on this machine"],
    ["coatcheck logout github --local", "remove it here even if the broker cannot be reached"],
  ])
    .argument("[name]", "login or server")
    .option("--all", "every login on this machine")
    .option("--local", "remove it here, even if the broker cannot end it")
    .option("--revoke", "the default: the grant is always revoked")
    .action(run<LogoutFlags>((out, [name], flags) => (flags.all ? logoutAll(out, flags) : logout(out, name, flags))));
}

interface LogoutFlags {
  readonly all?: boolean;
  readonly local?: boolean;
}

type Flags = LogoutFlags & CommonFlags;

/** One that cannot be ended keeps no other from it. */
async function logoutAll(out: Output, flags: Flags): Promise<void> {
  const failures: CliError[] = [];
  const sessions = readSessions();
  const broker = namedBroker(flags.addr);
  const names = Object.keys(loginsAt(sessions, broker));
  const others = Object.keys(sessions).length - names.length;
  if (broker && others > 0)
    out.warn(`${broker.by} selects ${broker.address}: ${others} at other brokers stay signed in`);
  for (const name of names) {
    await logout(out, name, flags).catch((error: unknown) => {
      const failure = failureOf(error);
      failures.push(failure);
      out.warn(`${name}: ${failure.message}`);
    });
  }
  const [first, ...more] = failures;
  if (!first) return;
  const count = more.length === 0 ? "one login" : `${failures.length} logins`;
  throw new CliError(
    first.code,
    `${count} could not be ended: --local removes them here even if the broker cannot be reached`,
    {
      exit: first.exit,
      next: ["coatcheck", "logout", "--all", "--local"],
    },
  );
}

/** The agent forgets first, so that it hands nothing out meanwhile, and again when the session is gone from here. */
async function logout(out: Output, name: string | undefined, { local, addr }: Flags): Promise<void> {
  const given = environment().COATCHECK_SESSION && name === undefined;
  if (given) out.warn("COATCHECK_SESSION is set: it overrides the logins on this machine");
  const found = given ? undefined : loginToEnd(name, addr);
  if (found) await tellAgent({ request: "forget", name: found.name });
  const warnings = await endAtBroker(out, name, addr).catch((error: unknown) => {
    const failure = failureOf(error);
    if (!local) throw found && failure.exit === EXIT.broker ? notReached(failure, found) : failure;
    return [`the broker did not end the session: ${failure.message}`];
  });
  const next = found?.kept.next;
  const left = next && !(await endSession(next)) ? next : undefined;
  if (found) {
    forgetSession(found.name);
    await tellAgent({ request: "forget", name: found.name });
  }
  const ended = found?.name ?? "COATCHECK_SESSION";
  const said = left
    ? [...warnings, `the session ${left.id}, which was to replace it, could not be ended and is left at its broker`]
    : warnings;
  for (const warning of said) out.warn(warning);
  out.result(`signed out of ${ended}`, { name: ended, ended: true, warnings: said });
}

/** Who signs out wants no advice to sign in. */
function loginToEnd(name: string | undefined, addr: string | undefined): KeptLogin {
  const sessions = readSessions();
  try {
    return findLogin(sessions, name, namedBroker(addr));
  } catch (error) {
    const { code, message, exit } = failureOf(error);
    const known = Object.entries(sessions).flatMap(([key, kept]) => [key, kept.server]);
    if (name === undefined || known.includes(name)) throw new CliError(code, message, { exit });
    // A name that is none here is a mistake of who typed it, not a login that is missing.
    throw usage(`${message}${didYouMean(name, known)}`, ["coatcheck", "list"]);
  }
}

/** The login is kept. */
function notReached({ code, message, exit }: CliError, { name }: KeptLogin): CliError {
  return new CliError(code, message, { exit, next: ["coatcheck", "logout", name, "--local"] });
}

/** Answers what is still open at the provider. */
async function endAtBroker(out: Output, name: string | undefined, addr: string | undefined) {
  return (await heldSession(out, name, addr)).session.logout();
}
