import type { TransportErrorCode } from "./transport-error.ts";

/** An OAuth `error` answer, with its code mapped to the standard ones by the provider's data. */
export interface OAuthError {
  /** Standard code (RFC 6749 5.2, RFC 8628 3.5, RFC 8693 2.2.2) or the provider's own. */
  readonly code: string;
  /** The code as the provider sent it, `[A-Za-z0-9_.:-]{1,64}`. */
  readonly providerCode: string;
  /** Printable ASCII, at most 500 characters; untrusted. */
  readonly description?: string;
  /** https only. */
  readonly uri?: string;
  /** Seconds, when a `slow_down` carries one (GitHub). */
  readonly interval?: number;
  /** Seconds from `Retry-After`, clamped to 1 s … 1 h. */
  readonly retryAfter?: number;
}

export interface TokenSet {
  /** Empty when the answer carried only a refresh token (odd, but not to be lost). */
  readonly accessToken: string;
  /** As sent; `Bearer` when absent; `bearer`, `mac`, `basic` in their usual spelling. */
  readonly tokenType: string;
  readonly refreshToken?: string;
  /** Seconds; absent when the answer has no usable `expires_in` (OA-08). */
  readonly expiresIn?: number;
  /** The answer says that the token does not expire. */
  readonly endless?: true;
  /** Seconds; until the refresh token ends, where the answer says it. */
  readonly refreshExpiresIn?: number;
  /** As granted; absent when the answer is silent. */
  readonly scopes?: readonly string[];
  readonly idToken?: string;
  /** RFC 8693 2.2.1. */
  readonly issuedTokenType?: string;
}

/**
 * What a token endpoint's answer means: total over every status, header, body and transport failure
 * (requirements.md section 2). Only `refused` can end a credential.
 */
export type TokenOutcome =
  /** CL-01; `oddities` names what a strict parser would have thrown on. */
  | { readonly kind: "tokens"; readonly tokens: TokenSet; readonly oddities: readonly string[] }
  /** CL-02, 04–08, 15: the server's own verdict. */
  | { readonly kind: "refused"; readonly error: OAuthError }
  /** CL-10 (408, 425, 429, 503), CL-11, CL-12 and CL-13 (`status` absent): not consumed; may be repeated. */
  | { readonly kind: "unavailable"; readonly text: string; readonly status?: number; readonly retryAfter?: number }
  /** CL-03, 09, 14: sent, no definite answer; a one-time value may be consumed. */
  | {
      readonly kind: "ambiguous";
      readonly text: string;
      readonly retryAfter?: number;
      /** A limit of our own that ended the answer. */
      readonly limit?: TransportErrorCode;
    };
