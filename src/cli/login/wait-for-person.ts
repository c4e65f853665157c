import { hostname } from "node:os";
import { CoatcheckError, type Prompt, type SessionData } from "../../client/index.ts";
import { loginCommand } from "../broker/held-session.ts";
import { CliError, EXIT, refused } from "../fail.ts";
import { dropPending } from "../files/sessions-file.ts";
import type { Output } from "../output.ts";
import { findBrowser, openBrowser, thisMachine } from "../terminal/browser.ts";
import { copyText } from "../terminal/clipboard.ts";
import { listenToKeys } from "../terminal/keys.ts";
import { createLoginScreen, type LoginScreen } from "../terminal/login-screen.ts";
import { endSession } from "./end-session.ts";
import { type LoginFlags, qrForm, timeLimit } from "./login-flags.ts";
import type { LoginUnderWay } from "./start-login.ts";

/** Shows code and address and waits until the person has decided; an interrupt cancels the login if it is ours. */
export async function waitForPerson(out: Output, login: LoginUnderWay, prompt: Prompt, flags: LoginFlags) {
  const interrupted = new AbortController();
  const seconds = timeLimit(flags);
  const limit = seconds === undefined ? [] : [AbortSignal.timeout(seconds * 1_000)];
  const signal = AbortSignal.any([interrupted.signal, ...limit]);
  const { screen, close } = openScreen(out, login, prompt, flags, () => interrupted.abort());
  try {
    return await login.session.ready({
      signal,
      expiresIn: prompt.expiresIn,
      onPending: ({ expires_in = 0 }) => {
        out.event({ event: "waiting", expires_in });
        screen.waiting(expires_in);
      },
      onTrouble: ({ message }) => screen.say(`${out.style("yellow", "warning:")} ${message}; the login goes on`),
    });
  } catch (error) {
    close();
    throw await ending(out, login, error, { interrupted: interrupted.signal.aborted, timedOut: signal.aborted });
  } finally {
    close();
  }
}

function openScreen(out: Output, login: LoginUnderWay, prompt: Prompt, flags: LoginFlags, interrupt: () => void) {
  const browser = flags.browser ? findBrowser(thisMachine()) : undefined;
  const keys = [
    ...(out.interactive ? ["c copies the code", ...(browser ? ["o opens the browser"] : [])] : []),
    "Ctrl-C cancels",
  ];
  const shown = { ...prompt, server: login.kept.server, name: login.name, host: hostname() };
  const screen = createLoginScreen(out, shown, { qr: qrForm(flags), keys: keys.join(", ") });
  const copy = () => void copyText(prompt.userCode).then((by) => screen.say(`The code was given to ${by}`));
  const open = () =>
    void (browser ? show(screen, browser, prompt) : screen.say("No browser was found: open the address by hand"));
  screen.show();
  if (flags.clipboard) copy();
  if (flags.open) open();
  const once = onceThenExit(interrupt);
  process.on("SIGINT", once);
  const end = out.interactive ? listenToKeys({ c: copy, o: open }, once) : () => {};
  let closed = false;
  const close = () => {
    if (closed) return;
    closed = true;
    end();
    process.off("SIGINT", once);
    screen.close();
  };
  return { screen, close };
}

async function show(screen: LoginScreen, browser: Parameters<typeof openBrowser>[0], prompt: Prompt): Promise<void> {
  const opened = await openBrowser(browser, prompt.verificationUriComplete ?? prompt.verificationUri);
  screen.say(opened ? "The browser was opened" : "The browser did not open: open the address by hand");
}

/** The second interrupt does not wait for anything. */
function onceThenExit(interrupt: () => void): () => void {
  let before = false;
  return () => {
    if (before) process.exit(EXIT.interrupted);
    before = true;
    interrupt();
  };
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
