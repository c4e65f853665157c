/** Somebody whom a login has proved, whatever token they hold. */
export interface Entity {
  readonly id: string;
  readonly name: string;
  /** Shown in lookups and audit lines: nothing secret. */
  readonly metadata: Readonly<Record<string, string>>;
  /** What each way in calls them, by its accessor (`sys/auth`). */
  readonly aliases: Readonly<Record<string, Alias>>;
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
  /** Absent: never. */
  readonly expiresAt?: number;
  readonly renewedAt?: number;
}

/** Vault's own: 32 days, for whoever asks for nothing, and at most. */
export const LONGEST_TTL = 2_764_800;

type Lives = Pick<Token, "createdAt" | "period" | "explicitMaxTtl">;

/** What is given of a life that is asked for (seconds; 0 = as usual), from now on; and a sentence where it is less. */
export function lifeOf(
  { createdAt, period, explicitMaxTtl }: Lives,
  asked: number,
  now: number,
): { readonly seconds: number; readonly warnings: readonly string[] } {
  const wanted = period > 0 ? period : asked > 0 ? asked : LONGEST_TTL;
  const age = Math.floor((now - createdAt) / 1000);
  const longest = period > 0 ? LONGEST_TTL : LONGEST_TTL - age;
  const most = Math.max(0, explicitMaxTtl > 0 ? Math.min(longest, explicitMaxTtl - age) : longest);
  const seconds = Math.min(wanted, most);
  const isCut = seconds < wanted && (asked > 0 || period > 0);
  const cut = `TTL of "${wanted}s" exceeded the effective max_ttl of "${most}s"; TTL value is capped accordingly`;
  return { seconds, warnings: isCut ? [cut] : [] };
}

export function isOver({ expiresAt }: Pick<Token, "expiresAt">, now: number): boolean {
  return expiresAt !== undefined && expiresAt <= now;
}
