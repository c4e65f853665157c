import { closeSync, openSync } from "node:fs";
import { loginAgain } from "../connect/find-login.ts";
import { startSelf } from "../frame/children.ts";
import { CliError } from "../frame/fail.ts";
import { shellWords } from "../frame/output.ts";
import { readSessions } from "../kept/sessions-file.ts";

const TERMINAL = process.platform === "win32" ? "CONOUT$" : "/dev/tty";

/**
 * A foreign program's login: the person's own command, on the terminal that the program's pipes hide. Where there is none
 * nobody could approve; the failure says the command.
 */
export async function logInAgain(name: string): Promise<void> {
  const command = commandFor(name);
  const terminal = openTerminal(command);
  try {
    const child = startSelf(command.slice(1), { stdio: [terminal, terminal, terminal] });
    const code = await new Promise<number | null>((resolve) => child.on("error", () => resolve(1)).on("exit", resolve));
    if (code !== 0) throw new CliError("login_failed", "the login was not completed", { next: command });
  } finally {
    closeSync(terminal);
  }
}

/** The way it was done, or the first time: a login that is named as its server. */
function commandFor(name: string): readonly string[] {
  return loginAgain(name, readSessions()) ?? ["coatcheck", "login", name];
}

function openTerminal(command: readonly string[]): number {
  try {
    return openSync(TERMINAL, "r+");
  } catch {
    throw new CliError("no_terminal", `there is no terminal for signing in; run: ${shellWords(command)}`);
  }
}
