import { statusOf } from "../../session/index.ts";
import { StoreUnavailable } from "../../store/port.ts";
import { BrokerError } from "../errors.ts";
import type { Context } from "../process/context.ts";
import { nameOfChange } from "../process/session-memory.ts";
import type { FoundSession } from "../sessions.ts";

/**
 * How often the session of a request that lasts is looked at anyway: the word of another instance that it has ended may
 * have been lost. Milliseconds.
 */
const LOOK_AGAIN_MS = 5_000;

/** Aborts when the session has ended, whoever ended it and where, unless the request is over before. */
export function endOf(
  context: Context,
  { mount, name }: FoundSession,
  look: () => Promise<FoundSession>,
  requestOver: AbortSignal,
): AbortSignal {
  const ended = new AbortController();
  const waiter = context.sessions.passing.join(nameOfChange(mount, name));
  const watch = async () => {
    while (!requestOver.aborted) {
      await waiter.next(LOOK_AGAIN_MS, requestOver);
      if (!requestOver.aborted && !(await lasts(context, look))) ended.abort();
      if (ended.signal.aborted) return;
    }
  };
  void watch()
    .catch((error: unknown) => ended.abort(error))
    .finally(() => waiter.end());
  return ended.signal;
}

/** While the store does not answer nobody knows, and what is under way goes on. */
async function lasts({ clock }: Context, look: () => Promise<FoundSession>): Promise<boolean> {
  try {
    const { state } = await look();
    return statusOf(state, clock.now()).kind === "active";
  } catch (error) {
    if (error instanceof StoreUnavailable) return true;
    if (error instanceof BrokerError) return false;
    throw error;
  }
}
