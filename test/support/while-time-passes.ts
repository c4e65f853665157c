import { setTimeout } from "node:timers/promises";
import type { Coatcheck } from "./coatcheck.ts";
import { turns } from "./turns.ts";

/** Moves the clock, slower than a local server answers, until a call that waits on it is done. */
export async function whileTimePasses<T>({ clock }: Pick<Coatcheck, "clock">, call: Promise<T>): Promise<T> {
  let over = false;
  const done = call.finally(() => {
    over = true;
  });
  while (!over) {
    await setTimeout(20);
    // On a busy machine the sleep may be all that this process had of that time: what is in it goes on by turns.
    await turns();
    if (!over) clock.advance(500);
  }
  return done;
}
