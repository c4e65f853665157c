import { hostname } from "node:os";
import type { Prompt } from "../../client/index.ts";
import type { Output } from "../frame/output.ts";
import { type Browser, findBrowser, openBrowser, thisMachine } from "../terminal/browser.ts";
import { copyText } from "../terminal/clipboard.ts";
import { listenToKeyboard } from "../terminal/keyboard.ts";
import { createLoginScreen, type LoginScreen } from "../terminal/login-screen.ts";
import { type LoginFlags, qrForm } from "./login-flags.ts";
import { handIn } from "./paste.ts";
import type { LoginUnderWay } from "./start-login.ts";
import { wayBackLines } from "./way-back.ts";

/** Shows the login and listens to its keys; `close` gives the terminal back. */
export function openScreen(
  out: Output,
  login: LoginUnderWay,
  prompt: Prompt,
  flags: LoginFlags,
  interrupt: () => void,
): { readonly screen: LoginScreen; readonly close: () => void } {
  const browser = browserFor(prompt, flags);
  const what = prompt.redirectUri === undefined ? "code" : "address";
  const keys = [`c copies the ${what}`, ...(browser ? ["o opens the browser"] : []), "Ctrl-C cancels"];
  const comesBack = browser !== undefined && !prompt.redirectUri?.startsWith("https:");
  const wayBack = comesBack ? [] : wayBackLines(prompt, login.name, out.interactive);
  const shown = { ...prompt, server: login.kept.server, name: login.name, host: hostname(), wayBack };
  const said = (out.interactive ? keys : keys.slice(-1)).join(", ");
  const screen = createLoginScreen(out, shown, { qr: qrForm(flags), keys: said });
  const copy = () => void copyPrompt(screen, what, prompt);
  const open = () => void show(screen, browser, prompt);
  screen.show();
  actOnFlags(out, screen, flags, { copy, open });
  const lines = prompt.redirectUri === undefined ? {} : pasting(login, screen);
  const end = out.interactive ? listenToKeyboard({ keys: { c: copy, o: open }, interrupt, ...lines }) : () => {};
  let closed = false;
  const close = () => {
    if (closed) return;
    closed = true;
    end();
    screen.close();
  };
  return { screen, close };
}

/** MCP-L2: whoever has no browser here pastes where theirs was sent. */
function pasting({ session }: LoginUnderWay, screen: LoginScreen) {
  return {
    begun: () => screen.say("Press Enter when the whole address is pasted"),
    line: (pasted: string) => void handIn(session, screen, pasted),
  };
}

/** XD-13: only a person opens a page that is none of the provider's. */
function browserFor({ warning }: Prompt, { browser, device }: LoginFlags): Browser | undefined {
  return browser && !device && warning === undefined ? findBrowser(thisMachine()) : undefined;
}

/** CLI-4: nothing is opened or copied where nobody sits, whatever the command line says. */
function actOnFlags(
  out: Output,
  screen: LoginScreen,
  { clipboard, open }: LoginFlags,
  act: { readonly copy: () => void; readonly open: () => void },
): void {
  if (!out.interactive) {
    if (clipboard || open)
      screen.warn("no browser was opened and no code was copied: there is no terminal, or CI or --no-input is set");
    return;
  }
  if (clipboard) act.copy();
  if (open) act.open();
}

async function copyPrompt(
  screen: LoginScreen,
  what: string,
  { userCode, redirectUri, verificationUri }: Prompt,
): Promise<void> {
  const by = await copyText(redirectUri === undefined ? userCode : verificationUri);
  if (by === undefined) screen.warn(`the ${what} could not be copied`);
  else screen.say(`The ${what} was copied with ${by}`);
}

async function show(screen: LoginScreen, browser: Browser | undefined, prompt: Prompt): Promise<void> {
  if (!browser) return screen.say("The browser cannot be opened from here: open the address yourself");
  const opened = await openBrowser(browser, prompt.verificationUriComplete ?? prompt.verificationUri);
  screen.say(opened ? "The browser was opened" : "The browser did not open: open the address yourself");
}
