import { endsWithin, pause } from "../../process/clock.ts";
import type { Breakers } from "./breakers.ts";
import type { Context } from "./context.ts";

/** A reader whose turn is as near waits for it: whoever asks each second is there when a turn begins. Milliseconds. */
const NEAR_MS = 1_500;

/**
 * For readers who wait while their server does not answer, or before their own credential is to be tried again: one of them
 * tries each 5 s, and those that come meanwhile wait for what it brings (FC-32). When the server is back all go on, each with
 * its own `work`. Resolves when that was done, or it is not this reader's turn.
 */
export async function inTurn(context: Context, lane: string, work: () => Promise<void>): Promise<void> {
  const { breakers, clock } = context;
  for (;;) {
    const wait = breakers.turn(lane);
    if (wait === 0) return trial(breakers, lane, work);
    const underWay = breakers.trials.get(lane);
    if (underWay === undefined) {
      if (wait > NEAR_MS) return;
      await pause(clock, wait);
      // One that hangs is waited for only until the next may try.
    } else if (await endsWithin(clock, underWay, wait)) {
      return breakers.isFailing(lane) ? undefined : work();
    }
  }
}

function trial(breakers: Breakers, lane: string, work: () => Promise<void>): Promise<void> {
  breakers.take(lane);
  return waitedFor(breakers, lane, work());
}

/** Readers of a server wait for this before they are told that it is not their turn. */
export function waitedFor({ trials }: Breakers, lane: string, work: Promise<void>): Promise<void> {
  const over = work
    .catch(() => {})
    .finally(() => {
      if (trials.get(lane) === over) trials.delete(lane);
    });
  trials.set(lane, over);
  return work;
}
