import type { WalkMessage } from "../messages/walk/index.ts";
import type { ClientMetadata } from "../protocol/client/registration.ts";
import type { AuthorizationServer } from "../protocol/client.ts";
import type { DeviceAuthorization } from "../protocol/device-authorization.ts";
import type { Spelling } from "../protocol/ladder/ladder.ts";
import type { JsonObject } from "../protocol/response/json.ts";
import type { TokenSet } from "../protocol/response/outcome.ts";
import type { Exchange } from "./exchange.ts";

/** All that the walk knows; plain data in memory. What a step found out is a member, and a member is there or not. */
export interface WalkState {
  readonly found?: FoundServer;
  readonly client?: RegisteredClient;
  readonly device?: DeviceLogin;
  readonly link?: AuthorizationLink;
  readonly tokens?: Tokens;
  readonly account?: { readonly userId: string; readonly deviceId?: string };
  /** The login has ended, by step 9; what was found out of it stays to be read. */
  readonly revoked?: true;
}

/** Step 1. */
export interface FoundServer {
  /** As it was typed. */
  readonly input: string;
  readonly baseUrl: string;
  /** Where the metadata were: a rung of the ladder. */
  readonly rung: string;
  readonly spelling: Spelling;
  readonly metadata: AuthorizationServer;
  /** As sent. */
  readonly document: JsonObject;
}

/** Step 3. */
export interface RegisteredClient {
  readonly clientId: string;
  readonly requested: ClientMetadata;
  readonly granted: JsonObject;
  /** An initial access token was asked for, and sent. */
  readonly initialAccessToken?: true;
}

/** Steps 4 to 6. */
export interface DeviceLogin {
  readonly deviceId: string;
  readonly scopes: readonly string[];
  readonly authorization: DeviceAuthorization;
  /** What is wrong with the page, if anything is: it is not opened from here then. */
  readonly pageWarning?: string;
  /** Epoch milliseconds, counted from before the request (MX-G6). */
  readonly expiresAt: number;
  /** Epoch milliseconds; absent when polling is over. */
  readonly nextPollAt?: number;
  /** Seconds; grows with each `slow_down`. */
  readonly interval: number;
  readonly polls: readonly Poll[];
}

interface Poll {
  /** Epoch milliseconds. */
  readonly at: number;
  /** `tokens`, an OAuth error code, or what happened to the request. */
  readonly said: string;
  /** Seconds from then on. */
  readonly interval: number;
}

/** Step C. */
export interface AuthorizationLink {
  readonly deviceId: string;
  readonly scopes: readonly string[];
  readonly redirectUri: string;
  readonly prompt?: string;
  readonly state: string;
  readonly verifier: string;
  readonly challenge: string;
  readonly url: string;
}

export interface Tokens {
  readonly current: TokenSet;
  readonly requestedScopes: readonly string[];
  readonly deviceId: string;
  /** The refresh token before the last refresh; for the replay. */
  readonly replaced?: string;
}

/** One thing that a step found out. */
export interface Finding {
  readonly kind: "good" | "bad" | "warning" | "note";
  readonly said: WalkMessage;
  /** An address that the text leads to. */
  readonly link?: string;
}

/** What a step did. A step that failed leaves the state as it was (MX-P3); of a poll that ended the waiting, all but its timeline. */
export interface StepResult {
  readonly ok: boolean;
  readonly state: WalkState;
  readonly exchanges: readonly Exchange[];
  readonly findings: readonly Finding[];
}
