import { setImmediate } from "node:timers/promises";

/**
 * Waits until `look` answers something, by turns of the event loop: for work that is under way in this process or in a
 * real server beside it. Fails after `limit` milliseconds with what was awaited.
 */
export async function eventually<T>(what: string, look: () => T | Promise<T>, limit = 10_000): Promise<NonNullable<T>> {
  const end = performance.now() + limit;
  while (performance.now() < end) {
    const seen = await look();
    if (seen !== undefined && seen !== null && seen !== false) return seen as NonNullable<T>;
    await setImmediate();
  }
  throw new Error(`waited in vain for: ${what}`);
}
