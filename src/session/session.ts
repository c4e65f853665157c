/**
 * What a program holds: one session, bound to one credential. Owns what a session is, how long it lives and what its
 * credential makes of it; not how it is stored (broker/) nor what is done with the credential (credential/).
 */

/** Times are epoch milliseconds. */
export interface Session {
  /** `starting`: nobody has been told of it yet; only an `open` one can be used. */
  readonly phase: "starting" | "open";
  readonly server: string;
  /** As asked for. */
  readonly scopes: readonly string[];
  /** What the program calls itself; may be empty. */
  readonly label: string;
  /** Where its login was started from. */
  readonly address: string;
  /** Other addresses from which programs have joined its login. */
  readonly joinedFrom?: readonly string[];
  /** Its login was started with a token that held. */
  readonly trusted?: boolean;
  readonly createdAt: number;
  /** Noted rarely; see `worthNoting`. */
  readonly lastUsedAt: number;
}

/** Names in `creds` that only sessions have. */
const PREFIX = "session/";

/** The credential of a session, by the session's public id. */
export function credentialName(id: string): string {
  return `${PREFIX}${id}`;
}

/** The public id of the session that has this credential. */
export function sessionOf(credential: string): string {
  return credential.slice(PREFIX.length);
}

/** Whether a credential's name is one that nobody but a session may write. */
export function belongsToSession(name: string): boolean {
  return name.startsWith(PREFIX);
}

/** Characters. */
export const LONGEST_LABEL = 100;

/** What makes two logins the same one for a program that gives the same secret; unambiguous, and hashed by the caller. */
export function sameLogin(login: {
  readonly secret: string;
  readonly server: string;
  readonly scopes: readonly string[];
  readonly label: string;
  readonly account: string;
  readonly life: number;
}): string {
  const { secret, server, scopes, label, account, life } = login;
  return JSON.stringify([secret, server, scopes.toSorted(), label, account, life]);
}
