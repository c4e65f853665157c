import type { Principal } from "../access/authenticator.ts";
import type { Entity } from "../access/token.ts";

/**
 * The use cases of access, as the HTTP layer sees them: who may do what is written here, and decided in access/. Rejects with
 * `BrokerError`; a read of nothing is undefined, a removal of nothing is done.
 */
export interface Access {
  readonly policies: Policies;
  readonly tokens: Tokens;
  readonly wrapping: Wrapping;
  readonly audit: AuditDevices;
}

/** An answer that is to wait for its reader. */
export interface ToWrap {
  readonly body: string;
  /** Where it was asked for. */
  readonly path: string;
  /** Seconds. */
  readonly ttl: number;
  /** Of the token of a login that is in it; else empty. */
  readonly wrappedAccessor: string;
}

export interface Wrapped extends Omit<ToWrap, "body"> {
  readonly token: string;
  readonly accessor: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
}

/** Answers that are read once, by a token of their own (vault-http.md section 7). Undefined: it opens nothing, or nothing any more. */
export interface Wrapping {
  wrap(answer: ToWrap): Promise<Wrapped>;
  lookUp(token: string): Promise<Pick<Wrapped, "path" | "ttl" | "createdAt"> | undefined>;
  unwrap(token: string): Promise<string | undefined>;
  rewrap(token: string): Promise<Wrapped | undefined>;
}

/** Where lines of the audit log go. */
export interface AuditDevices {
  list(): Promise<readonly AuditDeviceView[]>;
  /** It has taken its first line when this resolves. `replaces`: one of that name may be there, and goes on as this one. */
  enable(
    name: string,
    device: Omit<AuditDeviceView, "name" | "signingKey">,
    how?: { readonly replaces: boolean },
  ): Promise<void>;
  disable(name: string): Promise<void>;
  /** As the lines of a device have a value. */
  hash(name: string, input: string): Promise<string>;
  /** Lines of a file that have a text, in clear or hashed; empty = any. */
  search(name: string, query: AuditQuery): Promise<AuditLines>;
}

export interface AuditQuery {
  readonly text: string;
  /** Byte of the file before which they end; undefined = all. */
  readonly before: number | undefined;
  readonly limit: number;
}

export interface AuditLines {
  /** The latest first. */
  readonly lines: readonly Readonly<Record<string, unknown>>[];
  readonly next?: number;
}

export interface AuditDeviceView {
  readonly name: string;
  readonly type: "file" | "socket";
  readonly description: string;
  readonly local: boolean;
  readonly options: Readonly<Record<string, string>>;
  /** By which its heads are signed. */
  readonly signingKey?: string;
}

/** Names are kept in lower case. */
export interface Policies {
  /** Its text; also of those that are built in. */
  read(name: string): Promise<string | undefined>;
  /** HCL or JSON, plain or in base64. */
  write(name: string, text: string): Promise<void>;
  remove(name: string): Promise<void>;
  /** In byte order, with those that are built in. */
  list(): Promise<readonly string[]>;
}

/** A token is named by itself, or by its accessor. */
export type TokenName = { readonly token: string } | { readonly accessor: string };

export interface Tokens {
  /** Who it belongs to, without a use of it; undefined where it is unknown or has ended. */
  find(name: TokenName): Promise<Principal | undefined>;
  /** The only answer that has the token. As a role of `auth/token`, or as none. */
  create(caller: Principal, input: TokenInput, role?: string): Promise<CreatedToken>;
  /** One for a browser in its stead: it may do the same, for at most 8 hours, and ends with it. `ends`: signing out ends what it hangs on, too. */
  signIn(caller: Principal, ends?: "with its login"): Promise<CreatedToken>;
  /** Seconds; 0 = as usual. */
  renew(principal: Principal, increment: number): Promise<Renewed>;
  /** With all that it made, and these have made; `leaves`: these stay, as orphans. */
  revoke(principal: Principal, leaves?: "children"): Promise<void>;
  accessors(): Promise<readonly string[]>;
}

/** Lives in seconds; 0 = as usual, or none. */
export interface TokenInput {
  readonly policies: readonly string[];
  readonly noDefaultPolicy: boolean;
  readonly orphan: boolean;
  readonly displayName: string;
  readonly meta: Readonly<Record<string, string>>;
  readonly ttl: number;
  readonly explicitMaxTtl: number;
  readonly period: number;
  readonly uses: number;
  readonly renewable: boolean;
  /** Of the API, behind `/v1/`. */
  readonly path: string;
  /** Whom a login has proved; by default that of the parent. */
  readonly entity?: Entity;
}

export interface Renewed {
  readonly principal: Principal;
  readonly warnings: readonly string[];
}

/** Of whatever makes a token. */
export interface CreatedToken extends Renewed {
  readonly token: string;
  /** Metadata of this answer alone, which is secret: no lookup tells it. */
  readonly once?: Readonly<Record<string, string>>;
}

/** Metadata of a login's answer: a handle of its refresh token, as htgettoken looks for it. */
export const REFRESH_TOKEN_HANDLE = "oauth2_refresh_token";
