import type { Binding, Event, GrantClient, GrantSession } from "../../credential/index.ts";
import type { Claimed, Row } from "../../store/port.ts";
import type { Context } from "../process/context.ts";
import { commit, rowAfter } from "./commit.ts";
import type { Destination } from "./grant.ts";
import { openContent, openCredential } from "./records.ts";

/** An authorization request that waits for its answer: single use, found by the hash of its `state`. */
export interface AuthorizationRequest {
  readonly server: string;
  readonly verifier: string;
  readonly nonce?: string;
  readonly redirectUri: string;
  readonly issuer: string;
  readonly scopes: readonly string[];
  /** Asked for beside them by the broker's own choice; absent in requests that are older. */
  readonly addedScopes?: readonly string[];
  /** As in `Grant`. */
  readonly openid?: false;
  readonly providerOptions: Readonly<Record<string, string>>;
  /** The one in the link: a code is redeemed with no other. */
  readonly client?: GrantClient;
  readonly binding?: Binding;
  /** No credential waits for it and so has its client: that is this link's alone until a login has come of it. */
  readonly alone?: true;
  readonly expiresAt: number;
  /** Set when the broker's own callback fills a credential. */
  readonly fill?: {
    readonly name: string;
    readonly target: string;
    readonly maximumExpirySeconds: number;
    /** SHA-256 (hex) of the cookie of the only browser that may come back. */
    readonly browser?: string;
    readonly session?: GrantSession;
  };
}

export function requestKey(context: Context, mount: string, state: string) {
  return { mount, kind: "flow", name: `state/${context.seal.fingerprint(state)}` } as const;
}

/** It is held while its code is redeemed: longer than any operation lasts (120 s), so a crash frees it only then. */
export const HOLD_MS = 150_000;

/** Somebody began to redeem its code and never ended: a code is sent once, so the request is over (OA-16). */
export function wasUsed({ row, claim }: Claimed): boolean {
  return row.intent !== claim;
}

export interface StoredRequest {
  readonly row: Row;
  readonly request: AuthorizationRequest;
}

/** What ends with a link whose login did not come about. */
export function endsWith({ request }: Pick<StoredRequest, "request">): Destination | undefined {
  return request.alone ? request : undefined;
}

/** The authorization request of a `state`, unless it has run out. */
export async function findRequest(context: Context, mount: string, state: string): Promise<StoredRequest | undefined> {
  const row = await context.store.read(requestKey(context, mount, state));
  if (!row) return undefined;
  const request = openContent<AuthorizationRequest>(context, row);
  return request.expiresAt > context.clock.now() ? { row, request } : undefined;
}

/**
 * Ends the credential `target` with what became of its authorization link. Only one that still waits for that link: one
 * that is in use stays, and one that was rewritten is another generation.
 */
export async function endPending(context: Context, target: string, event: Event): Promise<void> {
  for (;;) {
    const row = await commit(context, () => context.store.readById(target));
    if (row?.kind !== "creds") return;
    const state = openCredential(context, row);
    if (state.status !== "pending" || state.flow !== "code") return;
    const next = await commit(context, () => rowAfter(context, row, { kind: "callback", event }));
    const expect = { id: row.id, revision: row.revision };
    if (await commit(context, () => context.store.write(next, expect))) return;
  }
}
