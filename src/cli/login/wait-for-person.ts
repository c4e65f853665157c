import { CoatcheckError, type Prompt, type SessionData } from "../../client/index.ts";
import { loginCommand } from "../broker/held-session.ts";
import { CliError, EXIT, refused } from "../fail.ts";
import { dropPending } from "../files/sessions-file.ts";
import type { Output } from "../output.ts";
import { endSession } from "./end-session.ts";
import { type LoginFlags, timeLimit } from "./login-flags.ts";
import { openScreen } from "./open-screen.ts";
import type { LoginUnderWay } from "./start-login.ts";

/** Shows code and address and waits until the person has decided; an interrupt cancels the login if it is ours. */
export async function waitForPerson(out: Output, login: LoginUnderWay, prompt: Prompt, flags: LoginFlags) {
  const interrupted = new AbortController();
  const seconds = timeLimit(flags);
  const limit = seconds === undefined ? [] : [AbortSignal.timeout(seconds * 1_000)];
  const signal = AbortSignal.any([interrupted.signal, ...limit]);
  const { screen, close } = openScreen(out, login, prompt, flags, () => interrupted.abort());
  let isLost = false;
  try {
    return await login.session.ready({
      signal,
      expiresIn: prompt.expiresIn,
      onPending: ({ expires_in = 0 }) => {
        if (isLost) screen.say("The broker is back");
        isLost = false;
        out.event({ event: "waiting", expires_in });
        screen.waiting(expires_in);
      },
      onTrouble: ({ message }) => {
        if (!isLost) screen.warn(`${message}; the login goes on`);
        isLost = true;
      },
    });
  } catch (error) {
    close();
    throw await ending(out, login, error, { interrupted: interrupted.signal.aborted, timedOut: signal.aborted });
  } finally {
    close();
  }
}

async function ending(
  out: Output,
  login: LoginUnderWay,
  error: unknown,
  { interrupted, timedOut }: { interrupted: boolean; timedOut: boolean },
): Promise<unknown> {
  const { name, kept } = login;
  if (interrupted) {
    if (!login.isOurs)
      return new CliError("interrupted", "the login goes on without this command", { exit: EXIT.interrupted });
    const cancelled = await endSession(kept);
    if (cancelled) dropPending(name, kept);
    const message = cancelled
      ? "the login was cancelled"
      : "the broker could not be told: the login goes on until its code expires";
    return new CliError("interrupted", message, { exit: EXIT.interrupted });
  }
  if (timedOut) {
    const next = ["coatcheck", "login", "--resume", name];
    return new CliError("timeout", "nobody has decided in this time; the login goes on", { exit: EXIT.timeout, next });
  }
  if (!(error instanceof CoatcheckError)) return error;
  dropPending(name, kept, { ...kept, pending: false });
  const failure = refused(error, loginCommand({ name, kept }));
  out.event({
    event: "error",
    code: failure.code,
    message: failure.message,
    ...(failure.next && { next: failure.next }),
  });
  return failure;
}

/** What an active session is called in files and answers. */
export function accountOf({ account }: SessionData): string | undefined {
  return account?.name ?? account?.subject;
}
