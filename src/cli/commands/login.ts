import type { Command } from "commander";
import { TOKEN_FILE } from "../connect/operator.ts";
import { define, run } from "../frame/command.ts";
import { environment } from "../frame/environment.ts";
import { type Interrupts, interruption, listenToInterrupts } from "../frame/interrupts.ts";
import type { CommonFlags, Output } from "../frame/output.ts";
import { finishLogin } from "../sign-in/finish-login.ts";
import type { LoginFlags } from "../sign-in/login-flags.ts";
import { SERVER_OPTIONS } from "../sign-in/server-flags.ts";
import { type LoginUnderWay, resumeLogin, startLogin } from "../sign-in/start-login.ts";
import { cancelLogin, leaveToPerson, waitForPerson } from "../sign-in/wait-for-person.ts";

type Flags = LoginFlags & CommonFlags;

export function loginCommand(): Command {
  const command = define("login", "Sign in: show a code and an address, and wait for approval.", [
    ["coatcheck login github --scopes repo,read:org", ""],
    ["coatcheck login", "list the servers and ask which one"],
    ["coatcheck login github --name deploy-bot", "store it under a name of your own"],
    ["coatcheck login matrix.org", "a Matrix account; no setup is needed"],
    ["coatcheck login https://mcp.example.com/mcp", "an MCP server, by its URL"],
    ["coatcheck login github --no-wait", "print the code and address; wait later with --resume"],
    ["coatcheck login --resume deploy-bot", "show the code again, in any terminal"],
    ["coatcheck login --resume notion --paste", "hand in the address that a browser elsewhere could not open"],
  ])
    .argument("[server]", "a server that the broker knows, a Matrix homeserver or user id, or the URL of an MCP server")
    .option("--name <name>", "name of the login on this machine (default: the server's name)")
    .option("--scopes <list>", "scopes to request, separated by commas (default: the same as last time)")
    .option("--label <text>", "name of this program, shown to the person who approves")
    .option("--account <account>", "accept only this account (default when signing in again: the same account)")
    .option("--no-account", "accept any account")
    .option("--web", "use a browser (your own broker: on this machine) instead of the provider's code")
    .option("--device", "use the provider's code and no browser here, whatever was used last time")
    .option("--paste", "read the address that the browser was sent back to from standard input")
    .option("--resume [name]", "resume a pending login")
    .option("--no-wait", "do not wait for approval; exit with code 8")
    .option("--timeout <seconds>", "wait at most this long, then exit with code 6")
    .option("--open", "open the browser immediately")
    .option("--clipboard", "copy the code immediately")
    .option("--qr [form]", "draw the QR code with blocks or ascii", true)
    .option("--no-qr", "do not draw a QR code")
    .option("--no-browser", "do not open a browser; only show the address")
    .option("--force", "sign in again even if the login is valid")
    .option("--print-session", "also print the session's secret id, as for COATCHECK_SESSION")
    .option(...TOKEN_FILE);
  for (const [flags, about] of SERVER_OPTIONS) command.option(flags, about);
  return command
    .option("--auth-param <key=value>", AUTH_PARAM, collect)
    .action(run<LoginFlags>((out, [server], flags) => login(out, server, flags)));
}

const AUTH_PARAM = "MCP: a parameter for the sign-in page; may be repeated";

function collect(one: string, all: readonly string[] = []): readonly string[] {
  return [...all, one];
}

async function login(out: Output, server: string | undefined, flags: Flags): Promise<void> {
  if (environment().COATCHECK_SESSION) out.warn("COATCHECK_SESSION is set: it overrides this login in other commands");
  const interrupts = listenToInterrupts();
  try {
    const underWay = await begin(out, server, flags).catch((error: unknown) => {
      throw interrupts.signal.aborted ? interruption("no login was started") : error;
    });
    await proceed(out, underWay, { flags, interrupts });
    if (flags.printSession) printSession(out, underWay);
  } finally {
    interrupts.end();
  }
}

function begin(out: Output, server: string | undefined, flags: Flags): Promise<LoginUnderWay> {
  if (flags.resume === undefined) return startLogin(out, server, flags);
  return resumeLogin(out, flags.resume === true ? server : flags.resume);
}

/** The secret: only for who asked for it. */
function printSession(out: Output, { session, kept }: LoginUnderWay): void {
  out.value(session.id, { event: "session", session: kept.id, session_id: session.id });
}

async function proceed(
  out: Output,
  underWay: LoginUnderWay,
  { flags, interrupts }: { readonly flags: Flags; readonly interrupts: Interrupts },
): Promise<void> {
  const { prompt, session, kept } = underWay;
  if (!prompt) return finishLogin(out, underWay, await session.status(), true);
  if (interrupts.signal.aborted) throw await cancelLogin(underWay);
  out.event({
    event: "verification",
    session: kept.id,
    verification_uri: prompt.verificationUri,
    ...(prompt.verificationUriComplete !== undefined && { verification_uri_complete: prompt.verificationUriComplete }),
    ...(prompt.warning !== undefined && { verification_warning: prompt.warning }),
    user_code: prompt.userCode,
    ...(prompt.redirectUri !== undefined && { redirect_uri: prompt.redirectUri }),
    expires_in: prompt.expiresIn,
    interval: prompt.interval,
  });
  if (!flags.wait) return leaveToPerson(out, underWay, prompt);
  await finishLogin(out, underWay, await waitForPerson(out, underWay, prompt, { flags, interrupts }), false);
}
