/** Somebody whom a login has proved, whatever token they hold. */
export interface Entity {
  readonly id: string;
  readonly name: string;
  /** Shown in lookups and audit lines: nothing secret. */
  readonly metadata: Readonly<Record<string, string>>;
  /** What each way in calls them, by its accessor (`sys/auth`). */
  readonly aliases: Readonly<Record<string, Alias>>;
  /** The account that an OpenID provider has proved, where it was one that the configuration names. */
  readonly account?: Account;
}

/** Of a person at a provider: OpenID Connect Core 2, `iss` and `sub`. */
export interface Account {
  readonly issuer: string;
  readonly subject: string;
}

interface Alias {
  readonly name: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** A token as it is kept, under its hash. Times are epoch milliseconds, lives are seconds; 0 = none. */
export interface Token {
  readonly policies: readonly string[];
  /** Where it was made. */
  readonly path: string;
  readonly displayName: string;
  readonly meta: Readonly<Record<string, string>>;
  readonly createdAt: number;
  /** As it was given at first. */
  readonly ttl: number;
  readonly renewable: boolean;
  /** Each renewal gives as much, for ever. */
  readonly period: number;
  readonly explicitMaxTtl: number;
  /** Requests that it is still good for; 0 = any number. */
  readonly usesLeft: number;
  /** Accessor of the token that made it, and takes it along when it ends; an orphan has none. */
  readonly parent?: string;
  /** Who holds it; a child has its parent's. A token that nobody logged in for has none. */
  readonly entity?: Entity;
  /** Of a browser that is signed in: accessor of the token it signed in with, whose sessions are its own. */
  readonly standsFor?: string;
  /** Of a login: by which mount (the id of its row, with which it ends) and as which role, which says how it is renewed. */
  readonly login?: { readonly mount: string; readonly role: string };
  /** Of `auth/token`, as which it was made; it says how it is renewed. */
  readonly role?: string;
  /** Where it may be used from; absent: from anywhere. */
  readonly boundCidrs?: readonly string[];
  /** Absent: never. */
  readonly expiresAt?: number;
  readonly renewedAt?: number;
}

/** Vault's own: 32 days, for whoever asks for nothing, and at most. */
export const LONGEST_TTL = 2_764_800;

export interface Lives extends Pick<Token, "createdAt" | "period" | "explicitMaxTtl"> {
  /** For whoever asks for nothing, and with all renewals; 0 = the system's. */
  readonly usual?: number;
  readonly most?: number;
}

/** What is given of a life that is asked for (seconds; 0 = as usual), from now on; and a sentence where it is less. */
export function lifeOf(
  { createdAt, period, explicitMaxTtl, usual = 0, most: longestOf = 0 }: Lives,
  asked: number,
  now: number,
): { readonly seconds: number; readonly warnings: readonly string[] } {
  const system = longestOf > 0 ? Math.min(longestOf, LONGEST_TTL) : LONGEST_TTL;
  const usually = asked > 0 ? asked : usual;
  const wanted = period > 0 ? period : usually > 0 ? usually : system;
  const age = Math.floor((now - createdAt) / 1000);
  const longest = period > 0 ? system : system - age;
  const most = Math.max(0, explicitMaxTtl > 0 ? Math.min(longest, explicitMaxTtl - age) : longest);
  const seconds = Math.min(wanted, most);
  const isCut = seconds < wanted && (usually > 0 || period > 0);
  const cut = `TTL of "${wanted}s" exceeded the effective max_ttl of "${most}s"; TTL value is capped accordingly`;
  return { seconds, warnings: isCut ? [cut] : [] };
}

export function isOver({ expiresAt }: Pick<Token, "expiresAt">, now: number): boolean {
  return expiresAt !== undefined && expiresAt <= now;
}
