import type { Account } from "../access/token.ts";
import type { Identity, Reason } from "../credential/index.ts";
import type { Session } from "../session/index.ts";

/** What lists are asked, and what they tell. */

/** Byte order; `after` exclusive; `prefix` is a folder with `/` at its end, or how names begin. */
export interface Page {
  readonly prefix: string;
  readonly after?: string;
  readonly limit?: number;
}

/** Full names, byte order, in slices: the store is asked as they are taken. Rejects like a use case. */
export type Names = AsyncIterable<readonly string[]>;

export interface CredentialList {
  readonly names: Names;
  /** By name; only of a list that is one page of at most 1,000. */
  readonly info?: ReadonlyMap<string, CredentialInfo>;
}

export interface CredentialInfo {
  readonly status: "pending" | "issued" | "failed";
  readonly server: string;
  /** Why it failed, or what is wrong with it now. */
  readonly reason?: Reason;
  /** Of the access token. */
  readonly expiresAt?: number;
  /** Who signed in, or did before it failed. */
  readonly account?: Identity;
}

/** No more than 10,000 of each are counted. `failed` counts dead grants too, whose last access token may still live; `failing` those and all with a reason. */
export type CredentialCounts = Readonly<Record<CredentialInfo["status"] | "failing", number>>;

/** `failing`: failed, or with a reason; `account`: its subject or its name, without regard to case. */
export interface FilteredPage extends Page {
  readonly status?: CredentialInfo["status"] | "failing";
  readonly server?: string;
  readonly account?: string;
}

/** In byte order of their names; `next` is the `after` of the page that follows, if more may be there. */
export interface FoundCredentials {
  readonly found: ReadonlyMap<string, CredentialInfo>;
  readonly next?: string;
}

/** Whether somebody may see or end a session; its account, where its login is approved. */
export type SessionRight = (session: Pick<Session, "label" | "startedBy">, account: Account | undefined) => boolean;

export interface SessionListQuery {
  readonly server: string;
  /** Subject or name, in whichever case. */
  readonly account?: string;
  readonly status?: "pending" | "active" | "ended";
  /** How many there are is wanted as well. */
  readonly isCounted?: boolean;
  /** Cursor: `next` of the page before. */
  readonly after: string;
  readonly limit: number;
  /** Only these. */
  readonly isSeen: SessionRight;
}

export interface SessionRange {
  /** Empty = of any. */
  readonly server: string;
  /** Epoch milliseconds; `until` is not in it. */
  readonly since: number;
  readonly until: number;
}

/** Logins that wait (of new sessions, or to take the place of one), work, and have failed: no more than 10,000 of each are counted. */
export type SessionCounts = Readonly<Record<"pending" | "active" | "failed", number>>;
