import type { Acl } from "./policy/acl.ts";
import type { Token } from "./token.ts";

/** Who a valid token belongs to, and what it may do. */
export interface Principal {
  readonly accessor: string;
  readonly displayName: string;
  readonly policies: readonly string[];
  readonly acl: Acl;
  /** As it is kept, this use of it counted; a token of a file or the environment has no row. */
  readonly token?: Token;
  /** It is good for some requests only. */
  readonly isLimited?: true;
  /** How many tokens are above it. */
  readonly ancestors?: number;
  /** Accessor of the token whose sessions are its own, where that is another one. */
  readonly standsFor?: string;
  /** Where the token was made, e.g. `auth/token/root`. */
  readonly path: string;
}

/** The principal of a token that is known without a look at anything; undefined where it is not. */
export type Recognize = (token: string) => Principal | undefined;

/** The principal of a token, or undefined for one that is unknown, expired or malformed. */
export type Authenticate = (token: string) => Promise<Principal | undefined>;
