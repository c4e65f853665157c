import { CoatcheckError, type Prompt, type ReadyOptions, type SessionData } from "../../client/index.ts";
import { CliError, EXIT } from "../frame/fail.ts";
import { type Interrupts, interruption } from "../frame/interrupts.ts";
import { type Output, shellWords } from "../frame/output.ts";
import { dropPending, type KeptSession } from "../kept/sessions-file.ts";
import { spanText } from "../terminal/duration.ts";
import { DID_NOT_START, type LoginScreen } from "../terminal/login-screen.ts";
import { endSession } from "./end-session.ts";
import { loginFailure, otherWay } from "./login-failure.ts";
import { type LoginFlags, timeLimit } from "./login-flags.ts";
import { openScreen } from "./open-screen.ts";
import { handInLines } from "./paste.ts";
import type { LoginUnderWay } from "./start-login.ts";
import { wayBackLines } from "./way-back.ts";

/** Shows code and address and waits until the person has decided; an interrupt cancels the login if it is ours. */
export async function waitForPerson(
  out: Output,
  login: LoginUnderWay,
  prompt: Prompt,
  { flags, interrupts }: { readonly flags: LoginFlags; readonly interrupts: Interrupts },
): Promise<SessionData> {
  const seconds = timeLimit(flags);
  const limit = seconds === undefined ? [] : [AbortSignal.timeout(seconds * 1_000)];
  const [vain, over] = [new AbortController(), new AbortController()];
  const signal = AbortSignal.any([interrupts.signal, vain.signal, ...limit]);
  const { session } = login;
  // MCP-G5: where the client signs in as itself nobody has anything to open.
  if (prompt.verificationUri === "") return session.ready({ signal });
  const { screen, close } = openScreen(out, login, prompt, flags, interrupts.interrupt);
  try {
    if (flags.paste && !out.interactive) {
      void handInLines(session, screen, over.signal).catch((error: unknown) => vain.abort(error));
    }
    return await session.ready({
      signal,
      expiresIn: prompt.expiresIn,
      ...tellProgress(out, login, screen),
    });
  } catch (error) {
    close();
    if (interrupts.signal.aborted) throw await cancelLogin(login);
    if (vain.signal.aborted) throw vain.signal.reason;
    if (signal.aborted) throw timedOut(login);
    throw error instanceof CoatcheckError ? dropLogin(out, login, error) : error;
  } finally {
    over.abort();
    close();
  }
}

/** What a person is told while nothing is decided. */
function tellProgress(
  out: Output,
  login: LoginUnderWay,
  screen: LoginScreen,
): Required<Pick<ReadyOptions, "onPending" | "onTrouble">> {
  let isLost = false;
  let troubled: string | undefined;
  return {
    onPending: ({ expires_in = 0, reason }) => {
      if (isLost) screen.say("The broker can be reached again");
      isLost = false;
      if (reason !== undefined && reason !== troubled) screen.warn(troubleText(reason, login));
      troubled = reason;
      out.event({ event: "waiting", expires_in, ...(reason !== undefined && { reason }) });
      screen.waiting(expires_in);
    },
    onTrouble: ({ message }) => {
      if (!isLost) screen.warn(`${message}; the login is still pending`);
      isLost = true;
    },
  };
}

/** What somebody needs who does not wait; stdout has address and code, since that is what was asked for. */
export function leaveToPerson(out: Output, { name, kept }: LoginUnderWay, prompt: Prompt): void {
  const { verificationUri, userCode, redirectUri, expiresIn, warning } = prompt;
  const isByCode = redirectUri === undefined;
  if (!out.json) out.result(isByCode ? [verificationUri, userCode] : [verificationUri], undefined);
  const what = isByCode ? "open the address and enter the code" : "open the address";
  out.note(`To sign in to ${kept.server}, ${what} within ${spanText(expiresIn)}.`);
  if (isByCode) out.note(DID_NOT_START.trim());
  else out.note(wayBackLines(prompt, name, false));
  if (warning !== undefined) out.warn(warning);
  out.note(`To wait for approval: ${shellWords(["coatcheck", "login", "--resume", name])}`);
  process.exitCode = EXIT.pending;
}

/** An operator may mend it before the code runs out. */
function troubleText(code: string, login: LoginUnderWay): string {
  const next = otherWay({ code, message: "" }, login);
  const text = `the provider refuses the login for now (${code}): ask the broker's operator to fix this`;
  return next ? `${text}; another way: ${shellWords(next)}` : text;
}

/** Cancels the login if this process began it; answers how the command ends. */
export async function cancelLogin({ name, kept, isOurs }: LoginUnderWay): Promise<CliError> {
  if (!isOurs) return interruption("the login is still pending without this command");
  if (!(await endSession(kept))) return interruption(LEFT);
  dropPending(name, kept);
  return interruption("the login was cancelled");
}

const LEFT = "the broker could not be reached: the login stays pending until its code expires";

function timedOut({ name }: LoginUnderWay): CliError {
  const next = ["coatcheck", "login", "--resume", name];
  return new CliError("timeout", "nobody approved the login in time; it is still pending", {
    exit: EXIT.timeout,
    next,
  });
}

const ENDED: Readonly<Record<string, NonNullable<KeptSession["over"]>>> = {
  access_denied: "denied",
  expired_token: "expired",
  invalid_session: "ended",
};

function dropLogin(out: Output, { name, kept }: LoginUnderWay, error: CoatcheckError): CliError {
  dropPending(name, kept, { ...kept, pending: false, over: ENDED[error.code] ?? "failed" });
  const failure = loginFailure(error, { name, kept }, true);
  out.event({
    event: "error",
    code: failure.code,
    message: failure.message,
    ...(failure.next && { next: failure.next }),
  });
  return failure;
}
