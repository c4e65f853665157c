import { join } from "node:path";
import { CliError } from "../frame/fail.ts";
import { stateFolder } from "./folders.ts";
import { readOwn, updatePrivate } from "./private-file.ts";

/** A kept login: what is needed to go on with it, and to make it again the way it was made. */
export interface KeptSession {
  /** `own`, or the broker's address. */
  readonly broker: string;
  readonly server: string;
  /** The session id: a secret. */
  readonly session: string;
  /** Names the session to operators. */
  readonly id: string;
  readonly scopes: readonly string[];
  readonly flow?: "page";
  readonly label?: string;
  /** Nobody has approved yet, as far as is known here. */
  readonly pending?: boolean;
  readonly account?: string;
  /** The account as the provider names it for good: a login that is made again is to be of the same. */
  readonly subject?: string;
  /** Of a login that waits: the account that it must be of. */
  readonly expected?: string;
  /** A login that takes this one's place once it is approved; until then this one is good. */
  readonly next?: KeptSession;
}

export type Sessions = Readonly<Record<string, KeptSession>>;

export function sessionsPath(): string {
  return join(stateFolder(), "sessions.json");
}

export function readSessions(): Sessions {
  return parse(readOwn(sessionsPath()));
}

/** Takes a login away, with the one that waits to replace it. */
export function forgetSession(name: string): void {
  change(name, () => undefined);
}

/** Keeps a login that waits: beside one that is good, in place of one that waited itself, which is the answer. */
export function keepPending(name: string, session: KeptSession): KeptSession | undefined {
  const before = change(name, (found) => (found && !found.pending ? { ...found, next: session } : session));
  const waited = before?.pending ? before : before?.next;
  return waited?.id === session.id ? undefined : waited;
}

/** A login is over: it stands alone from now on. Answers what it replaced, unless that is the same session. */
export function keepFinished(name: string, session: KeptSession): KeptSession | undefined {
  const before = change(name, () => session);
  return before?.id === session.id ? undefined : before;
}

/** A login came to nothing: what it was to replace stays; without that the entry is `left`, or goes. */
export function dropPending(name: string, { id }: KeptSession, left?: KeptSession): void {
  const changed = (found: KeptSession | undefined) => {
    if (found?.id === id) return left;
    if (found?.next?.id !== id) return found;
    const { next: _dropped, ...good } = found;
    return good;
  };
  change(name, changed);
}

/** Answers what was there before. */
function change(name: string, changed: (found: KeptSession | undefined) => KeptSession | undefined) {
  let before: KeptSession | undefined;
  const replace = (text: string | undefined) => {
    const { [name]: found, ...others } = parse(text);
    before = found;
    const after = changed(found);
    const sessions = after ? { ...others, [name]: after } : others;
    return `${JSON.stringify({ version: 1, sessions }, null, 2)}\n`;
  };
  updatePrivate(sessionsPath(), replace);
  return before;
}

function parse(text: string | undefined): Sessions {
  if (text === undefined) return {};
  try {
    const { version, sessions } = JSON.parse(text) as { version: number; sessions: Sessions };
    if (version === 1) return sessions;
  } catch {
    // Said below.
  }
  const path = sessionsPath();
  throw new CliError(
    "file_unreadable",
    `this version cannot read the session file ${path}: move it away and sign in again`,
  );
}
