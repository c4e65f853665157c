import type { TokenSet } from "../../protocol/response/outcome.ts";
import type { Context } from "../process/context.ts";
import { newId } from "../process/random.ts";
import { commit } from "./commit.ts";
import { type Destination, destinationOf, revocationLane } from "./grant.ts";
import type { Subject } from "./news.ts";
import { plainRow } from "./records.ts";

/** A grant that is to be revoked at its provider: what is left of a deleted credential, or tokens that came too late. */
export interface Revocation extends Destination {
  /** Newest last; each is revoked. */
  readonly tokens: readonly RevocableToken[];
  readonly attempts: number;
  /** Epoch milliseconds; after this nobody tries any more. */
  readonly until: number;
  /** Their login has ended with it; others live on, without these tokens. */
  readonly ends?: true;
  /** Of the credential that ends, in `creds`. */
  readonly name?: string;
  /** Whose login it was, where somebody is told when it is revoked. */
  readonly about?: Subject;
  /** The tokens are revoked; what is left is to see that the API takes this one no more. */
  readonly proof?: { readonly accessToken: string; readonly until: number };
}

/** The tokens of one grant. */
export interface RevocableToken {
  readonly refreshToken?: string;
  /** Empty when there is none. */
  readonly accessToken: string;
}

/** What one attempt came to. */
export type RevocationAttemptOutcome =
  | { readonly kind: "done" }
  | { readonly kind: "refused"; readonly text: string; readonly code?: string }
  | { readonly kind: "again"; readonly text: string; readonly retryAfter?: number }
  /** Revoked, and the API has not heard of it yet, or cannot be asked. */
  | { readonly kind: "unproved"; readonly text: string; readonly accessToken: string };

/** How long a provider's trouble may hold up a revocation: its tokens are dead or forgotten by then. */
export const REVOCATION_LIFE_MS = 7 * 86_400_000;

/** What of a grant is kept for its revocation; nothing when there is nothing to revoke. */
export function revocable({ refreshToken, accessToken }: RevocableToken): readonly RevocableToken[] {
  if (refreshToken === undefined && accessToken === "") return [];
  return [{ accessToken, ...(refreshToken !== undefined && { refreshToken }) }];
}

/** Tokens nobody is waiting for any more (a cancelled flow's, a stranger's) are revoked from the store, in the background. */
export async function revokeLater(
  context: Context,
  mount: string,
  grant: Destination,
  tokens: TokenSet,
): Promise<void> {
  const id = newId();
  const now = context.clock.now();
  const content: Revocation = {
    ...destinationOf(grant),
    tokens: revocable(tokens),
    attempts: 0,
    until: now + REVOCATION_LIFE_MS,
  };
  const place = { mount, kind: "revocation", name: id, id } as const;
  const due = { server: revocationLane(grant), task: "revoke", dueAt: now } as const;
  const row = plainRow(context, place, content, due);
  await commit(context, () => context.store.write(row, { absent: true }));
  context.wake();
}
