import { resume } from "../../client/index.ts";
import { connectionTo } from "../connect/broker.ts";
import type { KeptSession } from "../kept/sessions-file.ts";

/**
 * Ends a login that another one replaced. oauthapp.md 5.1: some providers revoke every grant of an account at once, the
 * new one too; so only another account's is revoked.
 */
export async function endReplaced(replaced: KeptSession, by: KeptSession): Promise<boolean> {
  const isThere = replaced.broker === by.broker && replaced.server === by.server;
  const isOther = replaced.subject !== undefined && by.subject !== undefined && replaced.subject !== by.subject;
  return endSession(replaced, !isThere || isOther);
}

/** Nobody waits longer for a broker that is away, only to take leave of it. Milliseconds. */
const TIMEOUT_MS = 3_000;

/** Ends a session at its broker; answers whether it is gone, which it is not while a locked keyring has its secret. `revoke` false: its grant is left to the provider. */
export async function endSession(kept: KeptSession, revoke = true): Promise<boolean> {
  try {
    const { broker, session } = kept;
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    await resume(session, await connectionTo(broker)).logout({ revoke, signal });
    return true;
  } catch {
    return false;
  }
}
