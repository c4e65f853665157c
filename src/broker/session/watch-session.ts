import { limited } from "../errors.ts";
import type { Context } from "../process/context.ts";
import { nameOfChange } from "../process/session-memory.ts";
import type { Waiter } from "../process/waiters.ts";
import type { SessionView } from "../sessions.ts";
import { sessionView } from "./read-session.ts";
import { findSession } from "./session.ts";

/** Each is an open connection (invariant 13). */
const MOST_WAITING = 20_000;
const MOST_PER_SESSION = 16;

/** How often a stream looks anyway: an announcement of another instance may have been lost. Milliseconds. */
const LOOK_AGAIN_MS = 60_000;

/** The session, as soon as none of its logins is pending, or as it is when the time has passed. */
export async function waitForSession(
  context: Context,
  mount: string,
  secret: string,
  seconds: number,
  signal: AbortSignal,
): Promise<SessionView> {
  const found = await findSession(context, mount, secret);
  const view = await sessionView(context, found);
  if (!waits(view) || seconds <= 0) return view;
  const until = context.clock.monotonic() + seconds * 1000;
  const waiter = join(context, nameOfChange(mount, found.name));
  try {
    for (;;) {
      const now = await sessionView(context, await findSession(context, mount, secret));
      const left = until - context.clock.monotonic();
      if (!waits(now) || left <= 0 || signal.aborted) return now;
      await waiter.next(left, signal);
    }
  } finally {
    waiter.end();
  }
}

/** For a person: its login, or one that is to take its place. */
function waits({ status, renewal }: SessionView): boolean {
  return status.kind === "pending" || renewal?.status.kind === "pending";
}

/** The session now, and again whenever it has changed, until it has ended or the signal aborts. */
export async function* watchSession(
  context: Context,
  mount: string,
  secret: string,
  signal: AbortSignal,
): AsyncGenerator<SessionView> {
  const { name } = await findSession(context, mount, secret);
  const waiter = join(context, nameOfChange(mount, name));
  let told = "";
  try {
    while (!signal.aborted) {
      const view = await sessionView(context, await findSession(context, mount, secret));
      // A refresh or a poll that brought nothing new is none to the program.
      const { session: _, ends: _ends, ...news } = view;
      const text = JSON.stringify(news);
      if (text !== told) yield view;
      told = text;
      if (view.status.kind !== "pending" && view.status.kind !== "active") return;
      await waiter.next(LOOK_AGAIN_MS, signal);
    }
  } finally {
    waiter.end();
  }
}

function join({ sessions: { waiters } }: Context, name: string): Waiter {
  if (waiters.count() >= MOST_WAITING || waiters.count(name) >= MOST_PER_SESSION) {
    throw limited("too_many_waiting", "too many requests are waiting already", 1);
  }
  return waiters.join(name);
}
