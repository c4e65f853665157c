import { join } from "node:path";
import { CliError } from "../frame/fail.ts";
import { stateFolder } from "./folders.ts";
import { readOwn, updatePrivate } from "./private-file.ts";
import { forgetSecret, isInKeyring, toBeStored, withSecret } from "./session-secrets.ts";

/** A kept login: what is needed to go on with it, and to make it again the way it was made. */
export interface KeptSession {
  /** `own`, or the broker's address. */
  readonly broker: string;
  readonly server: string;
  /** The session id: a secret. One in the keyring is looked up as it is read here; throws where that does not answer. */
  readonly session: string;
  /** Names the session to operators. */
  readonly id: string;
  readonly scopes: readonly string[];
  readonly flow?: "page";
  readonly label?: string;
  /** Nobody has approved yet, as far as is known here. */
  readonly pending?: boolean;
  /** How a login ended that came to nothing, as its broker said. */
  readonly over?: "denied" | "expired" | "failed" | "ended";
  readonly account?: string;
  /** The account as the provider names it for good: a login that is made again is to be of the same. */
  readonly subject?: string;
  /** Of a login that waits: the account that it must be of. */
  readonly expected?: string;
  /** A login that takes this one's place once it is approved; until then this one is good. */
  readonly next?: KeptSession;
}

/** How a login that was signed out of was made: for who asks for it again by its name. */
export type EndedLogin = Pick<KeptSession, "broker" | "server" | "scopes" | "flow">;

/** The last ones. */
const MOST_ENDED = 50;

interface SessionsFile {
  readonly sessions: Sessions;
  readonly ended: Readonly<Record<string, EndedLogin>>;
}

export type Sessions = Readonly<Record<string, KeptSession>>;

export function sessionsPath(): string {
  return join(stateFolder(), "sessions.json");
}

export function readSessions(): Sessions {
  const { sessions } = parse(readOwn(sessionsPath()));
  return Object.fromEntries(Object.entries(sessions).map(([name, kept]) => [name, opened(kept)]));
}

/** Whether the secret of that login is in the keyring, and not in the file. */
export function isKeptInKeyring(name: string): boolean {
  const { sessions } = parse(readOwn(sessionsPath()));
  const kept = Object.hasOwn(sessions, name) ? sessions[name] : undefined;
  return kept !== undefined && isInKeyring(kept);
}

function opened(kept: KeptSession): KeptSession {
  return withSecret(kept.next ? { ...kept, next: withSecret(kept.next) } : kept);
}

/** Before the file is locked: a keyring may take longer than others wait for the lock. */
function closed(kept: KeptSession): KeptSession {
  return toBeStored(kept.next ? { ...kept, next: toBeStored(kept.next) } : kept);
}

export function readEnded(name: string): EndedLogin | undefined {
  const { ended } = parse(readOwn(sessionsPath()));
  return Object.hasOwn(ended, name) ? ended[name] : undefined;
}

/** Takes a login away, with the one that waits to replace it. */
export function forgetSession(name: string): void {
  change(name, () => undefined);
}

/** Keeps a login that waits: beside one that is good, in place of one that waited itself, which is the answer. */
export function keepPending(name: string, session: KeptSession): KeptSession | undefined {
  const stored = closed(session);
  const before = change(name, (found) =>
    found && !found.pending && !found.over ? { ...found, next: stored } : stored,
  );
  const waited = before?.pending ? before : before?.next;
  return waited?.id === session.id ? undefined : waited;
}

/** A login is over: it stands alone from now on. Answers what it replaced, unless that is the same session. */
export function keepFinished(name: string, session: KeptSession): KeptSession | undefined {
  const stored = closed(session);
  const before = change(name, () => stored);
  return before?.id === session.id ? undefined : before;
}

/** A login came to nothing: what it was to replace stays; without that the entry is `left`, or goes. */
export function dropPending(name: string, { id }: KeptSession, left?: KeptSession): void {
  const stored = left && closed(left);
  const changed = (found: KeptSession | undefined) => {
    if (found?.id === id) return stored;
    if (found?.next?.id !== id) return found;
    const { next: _dropped, ...good } = found;
    return good;
  };
  change(name, changed);
}

/** From one stored form to another. Answers what was there before. */
function change(name: string, changed: (found: KeptSession | undefined) => KeptSession | undefined) {
  let before: KeptSession | undefined;
  let now: KeptSession | undefined;
  const replace = (text: string | undefined) => {
    const { sessions: all, ended } = parse(text);
    const { [name]: found, ...others } = all;
    before = found;
    now = changed(found);
    const sessions = now ? { ...others, [name]: now } : others;
    const past = endedAfter(ended, name, now ? undefined : found);
    return `${JSON.stringify({ version: 1, sessions, ...(Object.keys(past).length > 0 && { ended: past }) }, null, 2)}\n`;
  };
  updatePrivate(sessionsPath(), replace);
  // Also of a login that stays, but whose secret is in the file from now on.
  const needed = new Set([now, now?.next].flatMap((kept) => (kept && isInKeyring(kept) ? kept.id : [])));
  for (const gone of [before, before?.next]) if (gone && !needed.has(gone.id)) forgetSecret(gone);
  return before && opened(before);
}

function endedAfter(ended: SessionsFile["ended"], name: string, gone: KeptSession | undefined): SessionsFile["ended"] {
  const { [name]: _again, ...others } = ended;
  if (!gone) return others;
  const { broker, server, scopes, flow } = gone;
  const last = { broker, server, scopes, ...(flow && { flow }) };
  return Object.fromEntries([...Object.entries(others), [name, last]].slice(-MOST_ENDED));
}

function parse(text: string | undefined): SessionsFile {
  if (text === undefined) return { sessions: {}, ended: {} };
  try {
    const { version, sessions, ended = {} } = JSON.parse(text) as Partial<SessionsFile> & { version: number };
    if (version === 1 && sessions) return { sessions, ended };
  } catch {
    // Said below.
  }
  const path = sessionsPath();
  throw new CliError(
    "file_unreadable",
    `this version cannot read the session file ${path}: move it away and sign in again`,
  );
}
