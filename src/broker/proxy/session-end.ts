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

/** How long a request may last: until it is over by itself, or its session is. */
export interface Lasting {
  readonly signal: AbortSignal;
  readonly hasEnded: boolean;
}

/** Ends when the session has, whoever ended it and where, or the request is over; one signal for both, since there may be thousands. */
export function endOf(
  context: Context,
  { mount, name }: FoundSession,
  look: () => Promise<FoundSession>,
  requestOver: AbortSignal,
): Lasting {
  const controller = new AbortController();
  const lasting = { signal: controller.signal, hasEnded: false };
  const waiter = context.sessions.passing.join(nameOfChange(mount, name));
  const end = (reason?: unknown) => {
    lasting.hasEnded = true;
    controller.abort(reason);
  };
  const watch = async () => {
    while (!requestOver.aborted) {
      await waiter.next(LOOK_AGAIN_MS, requestOver);
      if (!requestOver.aborted && !(await lasts(context, look))) return end();
    }
  };
  const over = () => controller.abort(requestOver.reason);
  if (requestOver.aborted) over();
  requestOver.addEventListener("abort", over, { once: true });
  void watch()
    .catch(end)
    .finally(() => waiter.end());
  return lasting;
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
