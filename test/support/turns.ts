import { setImmediate, setTimeout } from "node:timers/promises";

/** Turns of the event loop. */
export async function turns(count = 30): Promise<void> {
  for (let i = 0; i < count; i++) await setImmediate();
}

/** So many turns bring what is in this process; afterwards a spin would only keep the processor from others. */
const PROMPT_TURNS = 200;

const LONGEST_MOMENT_MS = 10;

/** A moment of waiting: the first ones are a turn of the event loop each, later ones take longer and longer. */
export async function moment(before: number): Promise<void> {
  const later = before - PROMPT_TURNS;
  await (later < 0 ? setImmediate() : setTimeout(Math.min(1 + later / 20, LONGEST_MOMENT_MS)));
}
