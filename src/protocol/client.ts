import type { AuthorizationServer as Metadata } from "oauth4webapi";

/** RFC 8414 / OpenID Connect Discovery metadata, or the same members made from provider data. */
export type AuthorizationServer = Metadata;

/** Ways to authenticate at the token endpoint, by their registered names (RFC 7591 2, OpenID Connect Core 9). */
export const AUTH_METHODS = [
  "none",
  "client_secret_basic",
  "client_secret_post",
  "client_secret_jwt",
  "private_key_jwt",
] as const;
export type AuthMethod = (typeof AUTH_METHODS)[number];

/** Exactly one way to authenticate per request (OA-02). */
export type ClientAuthentication =
  | { readonly method: "none" }
  | {
      readonly method: "client_secret_basic" | "client_secret_post";
      readonly secret: string;
      /** Basic names the secret as the user, without a password. */
      readonly isUser?: boolean;
    }
  | { readonly method: "client_secret_jwt"; readonly secret: string; readonly audience?: Audience }
  | {
      readonly method: "private_key_jwt";
      /** PKCS#8 PEM or a JWK as JSON text. */
      readonly key: string;
      readonly keyId?: string;
      /** JWS algorithm; by default the usual one of the key. */
      readonly algorithm?: string;
      readonly audience?: Audience;
    };

/**
 * `aud` of an assertion where it is not the issuer: `token_endpoint` for that endpoint's URL (what RFC 7523 3 says servers may
 * use), anything else as it stands.
 */
export type Audience = string;

export interface Client {
  readonly clientId: string;
  readonly authentication: ClientAuthentication;
}

/** The guarded fetch: same shape as the platform's, rejects with `TransportError` only. */
export type Fetch = (url: string, init?: FetchInit) => Promise<Response>;

/** What somebody allows for one API server by naming it, beside what may be reached anyway (MCP-D9). */
export interface Reach {
  /** The host that was named, without port and brackets: over https its addresses may be anywhere. */
  readonly host: string;
  /** It is this machine: every port of it may be named in turn, and over http. */
  readonly loopback: boolean;
  /** Plain http to that host as well, because somebody said so. */
  readonly http: boolean;
}

export interface FetchInit extends RequestInit {
  /** Asked once more when the connection stands, before anything is written to it; false = do not send. */
  readonly maySend?: () => boolean;
  /** For whom it is; told in `User-Agent`. */
  readonly label?: string;
  /** Somebody without a token named the host: only public addresses are reached, and few at a time. */
  readonly stranger?: boolean;
  readonly reach?: Reach;
}

/** How a request half reaches the world. */
export interface Call {
  readonly fetch: Fetch;
  /** Aborts at the deadline of the whole operation. */
  readonly signal: AbortSignal;
  /** http to loopback in development; the guarded fetch has the last word. */
  readonly allowHttp?: boolean;
  /** Somebody without a token named whom it is to: no path and no query of theirs is asked that no standard fixes. */
  readonly stranger?: boolean;
}
