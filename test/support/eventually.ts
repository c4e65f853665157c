import { moment } from "./turns.ts";

/** Only a test that fails waits so long: a busy machine may give a process nothing for seconds. */
const LONGEST_MS = 30_000;

/**
 * Waits until `look` answers something: for work that is under way in this process or in a real server beside it. Fails
 * after `limit` milliseconds with what was awaited.
 */
export async function eventually<T>(
  what: string,
  look: () => T | Promise<T>,
  limit = LONGEST_MS,
): Promise<NonNullable<T>> {
  const end = performance.now() + limit;
  for (let moments = 0; performance.now() < end; moments++) {
    const seen = await look();
    if (seen !== undefined && seen !== null && seen !== false) return seen as NonNullable<T>;
    await moment(moments);
  }
  throw new Error(`waited in vain for: ${what}`);
}
