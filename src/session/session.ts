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
  /** Accessor of that token. */
  readonly startedBy?: string;
  /** Which tools of an MCP server it may use (MCP-G4), beside what its server's record says; absent = all. */
  readonly tools?: { readonly allow?: readonly string[]; readonly deny?: readonly string[] };
  readonly createdAt: number;
  /** Noted rarely; see `nextNote`. */
  readonly lastUsedAt: number;
  /** Name of the credential in use, where a later login has taken the place of the first. */
  readonly credential?: string;
  /** When that was. */
  readonly renewedAt?: number;
  readonly renewal?: Renewal;
  /** Logins for more scopes that were begun lately (MCP-T3). */
  readonly stepUps?: readonly StepUp[];
}

/** A login that is to take the place of the one in use; until it is approved that one stays. */
export interface Renewal {
  /** Name of its credential. */
  readonly credential: string;
  /** As it asks for them. */
  readonly scopes: readonly string[];
  /** Where it was begun from. */
  readonly address: string;
}

interface StepUp {
  readonly scopes: readonly string[];
  readonly at: number;
}

/** Names in `creds` that only sessions have. */
const PREFIX = "session/";

/** The credential of a session, by the session's public id. */
export function credentialName(id: string): string {
  return `${PREFIX}${id}`;
}

/** Of a later login of the session; `random` makes it another one each time. */
export function renewalName(id: string, random: string): string {
  return `${credentialName(id)}/${random}`;
}

/** The public id of the session that has this credential. */
export function sessionOf(credential: string): string {
  return credential.slice(PREFIX.length).split("/", 1)[0] ?? "";
}

/** The credential that a session uses. */
export function credentialInUse(id: string, { credential }: Session): string {
  return credential ?? credentialName(id);
}

/** Every credential that a session may have: what it uses first. */
export function credentialsOf(id: string, session: Session): readonly string[] {
  const { renewal } = session;
  return [...new Set([credentialInUse(id, session), ...(renewal ? [renewal.credential] : []), credentialName(id)])];
}

/** Its renewal has been approved: it is the login in use from now on. */
export function renewed({ renewal, ...session }: Session, now: number): Session {
  return renewal ? { ...session, credential: renewal.credential, scopes: renewal.scopes, renewedAt: now } : session;
}

/** MCP-T3: such logins for the same scopes, and in what time. Milliseconds. */
const MOST_STEP_UPS = 2;
const STEP_UP_MS = 600_000;
/** All together: each is remembered with its scopes. */
const MOST_RECENT = 20;

/** The session with one more login for more scopes; or how long it must wait for the next. Milliseconds. */
export function withStepUp(
  session: Session,
  scopes: readonly string[],
  now: number,
): { readonly session: Session } | { readonly wait: number } {
  const recent = (session.stepUps ?? []).filter(({ at }) => now - at < STEP_UP_MS);
  const same = recent.filter((one) => isSameSet(one.scopes, scopes));
  const [first] = same;
  if (first && same.length >= MOST_STEP_UPS) return { wait: first.at + STEP_UP_MS - now };
  const [oldest] = recent;
  if (oldest && recent.length >= MOST_RECENT) return { wait: oldest.at + STEP_UP_MS - now };
  return { session: { ...session, stepUps: [...recent, { scopes, at: now }] } };
}

function isSameSet(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((one) => others.includes(one));
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
  readonly flow: string;
  readonly account: string;
  readonly life: number;
  readonly options: Readonly<Record<string, string>>;
  readonly tools: NonNullable<Session["tools"]>;
}): string {
  const { secret, server, scopes, label, flow, account, life, tools } = login;
  const options = Object.entries(login.options).toSorted();
  const more = [flow, options, tools.allow ?? null, tools.deny ?? null];
  return JSON.stringify([secret, server, scopes.toSorted(), label, account, life, ...more]);
}
