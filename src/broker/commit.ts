import { type Credential, type Event, transition } from "../credential/index.ts";
import { type Claimed, type SettleBy, StoreUnavailable } from "../store/port.ts";
import { type Context, moment, pause } from "./context.ts";
import { credentialRow } from "./records.ts";
import { settingsOf } from "./settings.ts";

/** First and longest pause between attempts to commit, milliseconds. */
const PAUSE = { first: 50, longest: 5_000 };

/**
 * Writes until the store takes it: the commit is retried, never the request (faults.md technique 7). Without limit,
 * because what is being written may be the only copy of a refresh token.
 */
export async function commit<T>(context: Context, write: () => Promise<T>): Promise<T> {
  for (let wait = PAUSE.first; ; wait = Math.min(wait * 2, PAUSE.longest)) {
    try {
      return await write();
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      context.log.error("store_unavailable", { message: error.message, retryInMs: wait });
      await pause(context.clock, wait);
    }
  }
}

/**
 * Ends a claim with what happened to the credential. False when the row has moved on (deleted, rewritten, refreshed by
 * somebody else): then the answer is the caller's to take care of.
 */
export async function settleEvent(
  context: Context,
  { row }: Claimed,
  state: Credential,
  event: Event,
  by: SettleBy,
): Promise<boolean> {
  const next = transition(state, event, moment(context)) ?? state;
  const settings = await commit(context, () => settingsOf(context, row.mount));
  // Sealed once: when the answer to a commit was lost, the very same bytes tell the store that it took place.
  const settled = credentialRow(context, row, next, settings);
  return commit(context, () => context.store.settle(settled, by));
}
