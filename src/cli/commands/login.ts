import type { Command } from "commander";
import { TOKEN_FILE } from "../connect/operator.ts";
import { define, run } from "../frame/command.ts";
import { environment } from "../frame/environment.ts";
import { usage } from "../frame/fail.ts";
import { type Interrupts, interruption, listenToInterrupts } from "../frame/interrupts.ts";
import type { CommonFlags, Output } from "../frame/output.ts";
import { finishLogin } from "../sign-in/finish-login.ts";
import type { LoginFlags } from "../sign-in/login-flags.ts";
import { type LoginUnderWay, resumeLogin, startLogin } from "../sign-in/start-login.ts";
import { cancelLogin, leaveToPerson, waitForPerson } from "../sign-in/wait-for-person.ts";

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
  if (!prompt) return finishLogin(out, underWay, await session.status(), true);
  if (interrupts.signal.aborted) throw await cancelLogin(underWay);
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
  if (!flags.wait) return leaveToPerson(out, underWay, prompt);
  await finishLogin(out, underWay, await waitForPerson(out, underWay, prompt, { flags, interrupts }), false);
}
