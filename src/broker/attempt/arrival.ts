import type { Grant, GrantSession, IdentityReason, Issue, Issued } from "../../credential/index.ts";
import type { TokenSet } from "../../protocol/outcome.ts";

/** What tokens that just came turned out to be (oauthapp.md section 9, OIDC). */
export type Described =
  | {
      readonly kind: "issue";
      readonly issue: Issue;
      /** What the account answers to, where that is more than its subject. */
      readonly names?: readonly string[];
    }
  | { readonly kind: "identity-refused"; readonly reason: IdentityReason; readonly text: string }
  | { readonly kind: "subject-changed"; readonly text: string };

export interface Arrival {
  readonly tokens: TokenSet;
  readonly oddities: readonly string[];
  /** Epoch milliseconds, before the request. */
  readonly requestedAt: number;
  /** Set on a refresh: the id_token is optional then, and must name the same subject. */
  readonly previous?: Issued;
  /** A refresh token somebody brought: its first answer is a refresh all the same, so the id_token is optional. */
  readonly imported?: boolean;
  readonly nonce?: string;
  /** Of a program's login. */
  readonly session?: GrantSession;
}

/** OpenID Connect Core 12.2: only the answer to a code or device code must carry an id_token. */
export function isRefresh({ previous, imported }: Arrival): boolean {
  return previous !== undefined || imported === true;
}

export function ofSession({ session }: Grant): Pick<Arrival, "session"> {
  return session ? { session } : {};
}
