import { join } from "node:path";
import { CliError } from "../fail.ts";
import { stateFolder } from "./folders.ts";
import { readPrivate, updatePrivate } from "./private-file.ts";

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
  /** Joins another login of the same program that waits. */
  readonly coalesce?: string;
}

export type Sessions = Readonly<Record<string, KeptSession>>;

export function sessionsPath(): string {
  return join(stateFolder(), "sessions.json");
}

export function readSessions(): Sessions {
  return parse(readPrivate(sessionsPath()));
}

/** Puts one, or takes it away. */
export function keepSession(name: string, session: KeptSession | undefined): void {
  updatePrivate(sessionsPath(), (text) => {
    const { [name]: _before, ...others } = parse(text);
    const sessions = session ? { ...others, [name]: session } : others;
    return `${JSON.stringify({ version: 1, sessions }, null, 2)}\n`;
  });
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
    `${path} is not a session file of this version: move it away and sign in again`,
  );
}
