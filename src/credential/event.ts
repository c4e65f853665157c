import type { AuthorizationServer } from "../protocol/client.ts";
import type { OAuthError, TokenOutcome, TokenSet } from "../protocol/response/outcome.ts";
import type { Identity, IdToken } from "./credential.ts";
import type { GrantClient } from "./grant.ts";
import type { ScopeNames } from "./granted-scopes.ts";
import type { IdentityReason, OperatorReason } from "./reason.ts";
import type { TokenLives } from "./settings.ts";

/** Tokens that came, with what their id_token said; from any grant. */
export interface Issue {
  readonly tokens: TokenSet;
  /** Before the request was sent: lives are counted from here. */
  readonly requestedAt: number;
  readonly identity?: Identity;
  /** Absent: keep what was there. */
  readonly idToken?: IdToken;
  /** One that nobody gets before its key has been looked up. */
  readonly unverifiedIdToken?: IdToken;
  /** Which of the server's secrets it took, from 0. */
  readonly secret?: number;
  /** What is known of the lives of the server's tokens beside its answers. */
  readonly lives?: TokenLives;
  /** How the provider writes the scopes that it grants. */
  readonly scopeNames?: ScopeNames;
  /** Another one can be had without a refresh token (client credentials). */
  readonly renewable?: true;
  /** As whom and where a refresh was asked for. */
  readonly refreshedAs?: string;
  /** The server record's client that the tokens were issued to. */
  readonly client?: GrantClient;
  /** Absent: keep what was there (refresh) or nothing. */
  readonly extraData?: Readonly<Record<string, unknown>>;
  readonly notices?: readonly string[];
}

/** An outcome without tokens, and its text for readers (oauthapp.md 1.3, with its prefix). */
type Refusal = Exclude<TokenOutcome, { kind: "tokens" }>;

/** Everything that can happen to a credential. */
export type Event =
  | {
      readonly type: "issued";
      readonly issue: Issue;
      /** An earlier attempt with the same value had no definite answer. */
      readonly recovered?: boolean;
    }
  /** Tokens that were obtained with a value the credential no longer waits for or holds: they are not thrown away. */
  | { readonly type: "late"; readonly issue: Issue }
  /**
   * A device poll or a refresh without tokens; `doubt`: an earlier attempt with the same value was never settled; `grace`:
   * for so many seconds after its use the server takes a refresh token once more.
   */
  | {
      readonly type: "refused";
      readonly outcome: Refusal;
      readonly text: string;
      readonly doubt: boolean;
      readonly grace?: number;
      /** The provider means `slow_down` by it, without the word. */
      readonly slowDown?: boolean;
      /** A refresh that was asked for in this way has worked, for this grant or another: it is not the way that is wrong. */
      readonly proven?: boolean;
      /** When the request was sent, epoch milliseconds. */
      readonly requestedAt?: number;
      /** Where the authorization server says its endpoints are now. */
      readonly metadata?: AuthorizationServer;
    }
  /** A token in doubt whose grace has passed: it is not sent again while the access token beside it lives. */
  | { readonly type: "held"; readonly until: number }
  /** The authorization endpoint's answer to a link, brought by the browser. */
  | { readonly type: "declined"; readonly error: OAuthError; readonly text: string }
  /** Tokens came, and whom or what they are for is not what was asked for, or cannot be told. */
  | { readonly type: "identity-refused"; readonly reason: IdentityReason; readonly text: string }
  /** What became of an id_token that waited for its key; without one it is given to nobody. */
  | ({ readonly type: "id-token-judged"; readonly notices: readonly string[] } & Pick<
      Issue,
      "idToken" | "identity" | "extraData"
    >)
  /** A refreshed id_token names somebody else. */
  | { readonly type: "subject-changed"; readonly text: string }
  /** No request was possible: the server record is gone or does not work. */
  | {
      readonly type: "server-unusable";
      readonly reason: OperatorReason;
      readonly text: string;
      readonly doubt: boolean;
    }
  /** The server record was written: operator errors and back-off no longer count. */
  | { readonly type: "server-written" }
  /** The server answers again: back-off no longer counts. */
  | { readonly type: "server-back" }
  /** A poll was begun and its process ended: it may have been sent a moment ago. */
  | { readonly type: "interrupted" }
  /** A pending flow ran out. */
  | { readonly type: "lapsed" }
  /** The account's own server refuses a token that was just issued, with its code. */
  | { readonly type: "api-refused"; readonly code: string; readonly locked: boolean }
  /** What the grant is for no longer takes tokens of the server that made it (MCP-R4). */
  | { readonly type: "issuer-left"; readonly text: string }
  /** Somebody wants a grant that was called dead to be tried once more. */
  | { readonly type: "retry" };

/** A device poll, a refresh or a code that brought no tokens. */
export type RefusedEvent = Extract<Event, { type: "refused" }>;

/** The moment of a transition. `random` in [0, 1) feeds jitter, so that transitions stay pure. */
export interface Moment {
  readonly now: number;
  readonly random: number;
}
