import { BrokerError } from "../errors.ts";
import type { Context } from "../process/context.ts";
import { newId } from "../process/random.ts";
import { plainRow } from "./records.ts";

/** Longer than what is done alone takes; after a crash it is anybody's again. Milliseconds. */
const LONGEST_MS = 150_000;

/** Seconds. */
const AGAIN_S = 2;

/**
 * Does what must not be done twice at once, by whichever instance: a row of that name is there meanwhile. Throws `BrokerError`
 * ("wait") while somebody else is at it.
 */
export async function oneAtATime<T>(context: Context, mount: string, what: string, work: () => Promise<T>): Promise<T> {
  const { store, clock } = context;
  const id = newId();
  const row = plainRow(
    context,
    { mount, kind: "flow", name: `alone/${what}`, id },
    {},
    { task: "expire", dueAt: clock.now() + LONGEST_MS },
  );
  if (!(await store.write(row, { absent: true }))) {
    const text = `the ${what} is under way already: try again in a moment`;
    throw new BrokerError("wait", text, { reason: "temporarily_unavailable", retryAfter: AGAIN_S });
  }
  try {
    return await work();
  } finally {
    await store.remove({ id }).catch(() => {});
  }
}
