import { setImmediate } from "node:timers/promises";

/** Turns of the event loop. */
export async function turns(count = 30): Promise<void> {
  for (let i = 0; i < count; i++) await setImmediate();
}
