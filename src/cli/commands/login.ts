import { homedir } from "node:os";
import type { Command } from "commander";
import type { Prompt, SessionData } from "../../client/index.ts";
import { systemClock } from "../../process/clock.ts";
import { tellAgent } from "../agent/ask-agent.ts";
import { define, run } from "../frame/command.ts";
import { environment } from "../frame/environment.ts";
import { EXIT, usage } from "../frame/fail.ts";
import { type CommonFlags, type Output, shellWords } from "../frame/output.ts";
import { keepFinished, sessionsPath } from "../kept/sessions-file.ts";
import { endReplaced } from "../sign-in/end-session.ts";
import { type Interrupts, listenToInterrupts } from "../sign-in/interrupts.ts";
import type { LoginFlags } from "../sign-in/login-flags.ts";
import { type LoginUnderWay, resumeLogin, startLogin } from "../sign-in/start-login.ts";
import { accountOf, interrupted, interruption, waitForPerson } from "../sign-in/wait-for-person.ts";
import { spanText, timeFromNow } from "../terminal/duration.ts";
import { DID_NOT_START, visible } from "../terminal/login-screen.ts";
import { TOKEN_FILE } from "./read.ts";

type Flags = LoginFlags & CommonFlags;

export function loginCommand(): Command {
  return define("login", "Sign in: shows a code and an address, and waits until it is approved.", [
    ["coatcheck login github --scopes repo,read:org", ""],
    ["coatcheck login github --name deploy-bot", "kept under a name of its own"],
    ["coatcheck login matrix.org", "a Matrix account; nothing has to be set up before"],
    ["coatcheck login github --no-wait", "print what is needed; wait later with --resume"],
    ["coatcheck login --resume deploy-bot", "show its code again, in any terminal"],
  ])
    .argument("[server]", "a server that the broker knows, or a Matrix homeserver or user id")
    .option("--name <name>", "what the login is called here (default: the server's name)")
    .option("--scopes <list>", "scopes to ask for, with commas (default: as the last time)")
    .option("--label <text>", "what the person is told about who asks")
    .option("--account <account>", "only a login of this account counts (default: when it is renewed, the same)")
    .option("--no-account", "whoever signs in")
    .option("--web", "on the broker's own page, where the provider offers no login by code")
    .option("--device", "by the provider's code and no browser here, whatever was used the last time")
    .option("--resume [name]", "go on with a login that waits")
    .option("--no-wait", "do not wait: exit code 8")
    .option("--timeout <seconds>", "wait so long at most: exit code 6")
    .option("--open", "open the browser at once")
    .option("--clipboard", "copy the code at once")
    .option("--qr [form]", "blocks or ascii", true)
    .option("--no-qr", "no QR code")
    .option("--no-browser", "there is none here: the address is only shown")
    .option("--force", "sign in again though the login is good")
    .option(...TOKEN_FILE)
    .action(run<LoginFlags>((out, [server], flags) => login(out, server, flags)));
}

async function login(out: Output, server: string | undefined, flags: Flags): Promise<void> {
  if (environment.COATCHECK_SESSION) out.warn("COATCHECK_SESSION is set: it goes before this login in other commands");
  if (server === undefined && flags.resume === undefined) throw usage("name the server: coatcheck login SERVER");
  const interrupts = listenToInterrupts();
  try {
    const underWay = await begin(out, server, flags).catch((error: unknown) => {
      throw interrupts.signal.aborted ? interruption("no login was begun") : error;
    });
    await proceed(out, underWay, { flags, interrupts });
  } finally {
    interrupts.end();
  }
}

function begin(out: Output, server: string | undefined, flags: Flags): Promise<LoginUnderWay> {
  if (flags.resume === undefined) return startLogin(out, server ?? "", flags);
  return resumeLogin(out, flags.resume === true ? server : flags.resume);
}

async function proceed(
  out: Output,
  underWay: LoginUnderWay,
  { flags, interrupts }: { readonly flags: Flags; readonly interrupts: Interrupts },
): Promise<void> {
  const { prompt, session } = underWay;
  if (!prompt) return finish(out, underWay, await session.status(), true);
  if (interrupts.signal.aborted) throw await interrupted(underWay);
  out.event({
    event: "verification",
    session: session.id,
    verification_uri: prompt.verificationUri,
    ...(prompt.verificationUriComplete !== undefined && { verification_uri_complete: prompt.verificationUriComplete }),
    ...(prompt.warning !== undefined && { verification_warning: prompt.warning }),
    user_code: prompt.userCode,
    expires_in: prompt.expiresIn,
    interval: prompt.interval,
  });
  if (!flags.wait) return leave(out, underWay, prompt);
  await finish(out, underWay, await waitForPerson(out, underWay, prompt, { flags, interrupts }), false);
}

/** What somebody needs who does not wait; stdout has address and code, since that is what was asked for. */
function leave(out: Output, { name, kept }: LoginUnderWay, prompt: Prompt): void {
  const { verificationUri, userCode, expiresIn, warning } = prompt;
  if (!out.json) out.result(`${visible(verificationUri)}\n${visible(userCode)}`, undefined);
  out.note(`To sign in to ${visible(kept.server)} open the address and enter the code within ${spanText(expiresIn)}.`);
  out.note(DID_NOT_START.trim());
  if (warning !== undefined) out.warn(visible(warning));
  out.note(`To wait for the approval: ${shellWords(["coatcheck", "login", "--resume", name])}`);
  process.exitCode = EXIT.pending;
}

async function finish(out: Output, { name, kept }: LoginUnderWay, state: SessionData, before: boolean): Promise<void> {
  const account = accountOf(state);
  const { pending: _pending, expected: _expected, ...rest } = kept;
  const subject = state.account?.subject;
  const who = { ...(account !== undefined && { account }), ...(subject !== undefined && { subject }) };
  const finished = { ...rest, ...who };
  const replaced = keepFinished(name, finished);
  if (replaced) await tellAgent({ request: "forget", name });
  if (replaced && !(await endReplaced(replaced, finished))) {
    out.warn("the login that this one replaces could not be ended at its broker: it ends there by itself");
  }
  const scopes = state.granted_scopes ?? state.scopes;
  const lacking = state.scopes.filter((scope) => !scopes.includes(scope));
  out.event({
    event: "complete",
    session: kept.session,
    name,
    server: state.server,
    ...(account !== undefined && { account }),
    scopes,
    ...(state.expire_time !== undefined && { expire_time: state.expire_time }),
  });
  const parts = [
    `${before ? "already signed in" : "signed in"}${account === undefined ? "" : ` as ${account}`}`,
    ...(scopes.length > 0 ? [`scopes ${scopes.join(", ")}`] : []),
    lifeOf(state),
    `session in ${sessionsPath().replace(homedir(), "~")}`,
  ];
  out.note(`${out.style("green", "✓")} ${parts.join("; ")}`);
  if (lacking.length > 0) out.warn(`not granted: ${lacking.join(", ")}`);
  for (const warning of state.warnings ?? []) out.warn(warning);
}

function lifeOf({ refreshable, expire_time }: SessionData): string {
  if (refreshable) return "refreshed automatically";
  return expire_time === undefined ? "does not expire" : `expires ${timeFromNow(expire_time, systemClock.wall())}`;
}
