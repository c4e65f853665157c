import { setTimeout } from "node:timers/promises";
import type { Coatcheck } from "./coatcheck.ts";

/** Moves the clock, slower than a local server answers, until a call that waits on it is done. */
export async function whileTimePasses<T>({ clock }: Pick<Coatcheck, "clock">, call: Promise<T>): Promise<T> {
  let over = false;
  const done = call.finally(() => {
    over = true;
  });
  while (!over) {
    await setTimeout(20);
    if (!over) clock.advance(500);
  }
  return done;
}
