import { createInterface } from "node:readline";
import { CoatcheckError, type Session } from "../../client/index.ts";
import { usage } from "../frame/fail.ts";
import type { LoginScreen } from "../terminal/login-screen.ts";

/** Hands in an address that a person pasted; what is none of this login's is told, and the login waits on. */
export async function handIn(session: Session, screen: Pick<LoginScreen, "say" | "warn">, pasted: string) {
  try {
    screen.say("Handing in the address");
    await session.handIn(pasted);
    return true;
  } catch (error) {
    screen.warn(
      error instanceof CoatcheckError ? error.message : `the address could not be handed in: ${String(error)}`,
    );
    return false;
  }
}

/** `--paste`: the lines of standard input, until one is taken or the login is over. Rejects when none was. */
export async function handInLines(
  session: Session,
  screen: Pick<LoginScreen, "say" | "warn">,
  signal: AbortSignal,
): Promise<void> {
  const lines = createInterface({ input: process.stdin, signal });
  for await (const line of lines) {
    if (line.trim() !== "" && (await handIn(session, screen, line.trim()))) return lines.close();
  }
  if (signal.aborted) return;
  throw usage("--paste: no address was taken from standard input; the login is still pending");
}
