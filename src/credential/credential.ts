/**
 * The domain noun. Owns what a credential can be and how it changes; not how it is stored (store/), sealed (seal/) or
 * who runs it (broker/). Every state has only its own fields; times are epoch milliseconds, lives are seconds.
 */
import type { Grant } from "./grant.ts";
import type { PermanentReason } from "./reason.ts";
import type { Suspension, Trouble } from "./trouble.ts";

/** Waiting for a person at the provider's device page (RFC 8628). */
export interface DevicePending {
  readonly status: "pending";
  readonly flow: "device";
  readonly grant: Grant;
  readonly deviceCode: string;
  /** Of the PKCE challenge that the code was asked for with; a secret until the code is used. */
  readonly codeVerifier?: string;
  /** Absent when the caller brought its own device code. */
  readonly userCode?: string;
  readonly verificationUri?: string;
  readonly verificationUriComplete?: string;
  /** Counted from before the device request was sent. */
  readonly expiresAt: number;
  /** Seconds between polls; every slow_down has been added. */
  readonly interval: number;
  /** Polls in a row without an OAuth answer; they double the wait, an answer resets them. */
  readonly unanswered: number;
  /** A poll may have reached the server and its answer is lost: a later `invalid_grant` may mean success (DEV-22). */
  readonly answerLost: boolean;
  /** Earliest next poll. */
  readonly notBefore: number;
  /** What the person should know before opening the page. */
  readonly warnings?: readonly string[];
  /** The page is not where the provider's are: no program opens it by itself. */
  readonly pageWarning?: string;
  /** What else the expiry may mean, as its provider's data say. */
  readonly expiryHint?: string;
  /** An operator's fault stops the polling until the server is written. */
  readonly suspended?: Suspension;
  readonly startedAt: number;
  /** The login whose place it takes, while nobody knows what it will bring. */
  readonly replaces?: Issued;
}

/** Waiting for a person to follow an authorization link to the broker's callback. */
export interface CodePending {
  readonly status: "pending";
  readonly flow: "code";
  readonly grant: Grant;
  /** The link; with a user code the broker's own page. */
  readonly url: string;
  /** What the person types there before the link is made. */
  readonly userCode?: string;
  /** Of a link that leads back to a port of this machine. */
  readonly redirectUri?: string;
  readonly expiresAt: number;
  readonly startedAt: number;
  /** The login whose place it takes. */
  readonly replaces?: Issued;
}

export interface Issued {
  readonly status: "issued";
  readonly grant: Grant;
  readonly accessToken: string;
  /** `Bearer`, or as sent. */
  readonly tokenType: string;
  readonly refreshToken?: string;
  readonly issuedAt: number;
  /** Counted from before the request was sent, already capped; absent when the token does not expire. */
  readonly expiresAt?: number;
  /** The last life that an answer told of an access token, seconds: it holds for those whose answers do not tell (FC-01). */
  readonly toldLife?: number;
  readonly refreshEnd?: RefreshEnd;
  /** As granted. */
  readonly scopes: readonly string[];
  /** Scopes that were asked for and are missing; absent when none are. */
  readonly lackingScopes?: readonly string[];
  readonly identity?: Identity;
  /** The last one that was verified; given only to those who ask for it. */
  readonly idToken?: IdToken;
  /** A newer one whose key could not be looked up when it came: verified when somebody asks for it (FC-25). */
  readonly unverifiedIdToken?: IdToken;
  /** Extra data shown to readers (id_token, id_token_claims, user_info). */
  readonly extraData: Readonly<Record<string, unknown>>;
  /** Shown to readers beside the token: id_token could not be verified …. */
  readonly notices: readonly string[];
  /** Fixed per credential, 0…1: spreads refreshes of credentials issued together. */
  readonly jitter: number;
  /** Which of the server's secrets it took, from 0: a token in doubt is sent again with no other (invariant 6). */
  readonly secret?: number;
  /** As whom and where its last refresh was asked for; absent before the first. */
  readonly refreshedAs?: string;
  /** What went wrong since the last issue; absent when nothing did. */
  readonly trouble?: Trouble;
  /**
   * Another successor of the same grant, from an answer that came late: tried before the grant is called dead, and
   * forgotten when the stored one has proved to work.
   */
  readonly sibling?: string;
}

/** When the refresh token ends, where its server says so (FC-04). */
export interface RefreshEnd {
  /** Epoch milliseconds. */
  readonly at: number;
  /** Seconds, as it was told first. */
  readonly life: number;
  /** A refresh did not move it: the login ends then. */
  readonly final?: true;
}

/** Who signed in, by the id_token or the API of the first exchange; a refresh must not change it. */
export interface Identity {
  readonly issuer: string;
  readonly subject: string;
  /** What people call it: preferred_username, name or email. */
  readonly name?: string;
}

/** A verified id_token (OpenID Connect Core 2), and its life. Epoch milliseconds. */
export interface IdToken {
  readonly text: string;
  /** When the request was sent that brought it. */
  readonly requestedAt: number;
  readonly expiresAt: number;
}

/** Ended until somebody rewrites it. Hands out nothing. */
export interface Failed {
  readonly status: "failed";
  readonly grant: Grant;
  readonly reason: PermanentReason;
  readonly text: string;
  readonly providerError?: string;
  readonly failedAt: number;
  /** Expiry of the last access token, if there was one; the reaper counts from the later of both. */
  readonly expiredAt?: number;
  /** In quarantine: a dead grant as it was, in case the verdict was wrong. */
  readonly last?: Issued;
  /** Of a login that came to nothing: the one whose place it was to take, for the next login, or to be revoked. */
  readonly replaces?: Issued;
}

export type Credential = DevicePending | CodePending | Issued | Failed;
