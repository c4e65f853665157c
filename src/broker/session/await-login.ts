import { statusOf } from "../../session/index.ts";
import { noSession } from "../errors.ts";
import type { Context } from "../process/context.ts";
import { nameOfChange } from "../process/session-memory.ts";
import type { FoundSession } from "../sessions.ts";
import { openFound, type ReadSession } from "./session.ts";

/** The session as it is now. Throws `BrokerError` where it has ended. */
export async function reopened(context: Context, { id }: Pick<FoundSession, "id">): Promise<ReadSession> {
  const row = await context.store.readById(id);
  const found = row?.kind === "session" ? await openFound(context, row) : undefined;
  if (!found) throw noSession();
  return found;
}

/** Whether a person is being waited for: by the login in use, or by one that is to take its place. */
export function isWaiting({ clock }: Pick<Context, "clock">, { state, renewal }: FoundSession): boolean {
  const now = clock.now();
  return [state, renewal?.state].some((one) => one && statusOf(one, now).kind === "pending");
}

export function isUsable({ clock }: Pick<Context, "clock">, { state }: FoundSession): boolean {
  return statusOf(state, clock.now()).kind === "active";
}

/** The session as soon as that holds of it, or as it is after that time. Milliseconds. Throws `BrokerError` when it has ended. */
export async function awaitSession(
  context: Context,
  session: FoundSession,
  isDone: (found: FoundSession) => boolean,
  milliseconds: number,
  signal: AbortSignal,
): Promise<ReadSession> {
  const until = context.clock.monotonic() + milliseconds;
  const waiter = context.sessions.waiters.join(nameOfChange(session.mount, session.name));
  try {
    for (;;) {
      const now = await reopened(context, session);
      const left = until - context.clock.monotonic();
      if (isDone(now) || left <= 0 || signal.aborted) return now;
      await waiter.next(Math.min(left, LOOK_AGAIN_MS), signal);
    }
  } finally {
    waiter.end();
  }
}

/** An announcement of another instance may have been lost. */
const LOOK_AGAIN_MS = 30_000;
