import { type Clock, endsWithin } from "../../process/clock.ts";
import { LOOK_MS } from "../port.ts";

/** What became of a statement that may take away what hands out tokens. */
export interface TakenAway {
  readonly done: boolean;
  /** How many connections listened when it was told; 0 where nothing was. */
  readonly hearing: number;
}

/**
 * Delete wins, on every instance: whoever takes away what hands out tokens is answered when each that listens has said that it hands
 * it out from memory no more. One that hangs is not waited for longer than anything is answered from memory.
 */
export class LettingGo {
  readonly #clock: Pick<Clock, "after">;
  readonly #own: () => number;
  /** By what is gone. */
  readonly #waiting = new Map<string, Set<() => void>>();

  /** `own`: how many of the connections that listen are this instance's. */
  constructor(clock: Pick<Clock, "after">, own: () => number) {
    this.#clock = clock;
    this.#own = own;
  }

  /** Another instance has let go of it. */
  heard(gone: string): void {
    for (const note of this.#waiting.get(gone) ?? []) note();
  }

  /** Makes a change, which names what it takes away before that can be heard of; answers whether it took place. */
  async after(change: (takes: (gone: string) => void) => Promise<TakenAway>): Promise<boolean> {
    const names: string[] = [];
    const before = this.#own();
    const all = Promise.withResolvers<void>();
    let [heard, wanted] = [0, Number.POSITIVE_INFINITY];
    const note = () => {
      heard += 1;
      if (heard >= wanted) all.resolve();
    };
    try {
      const { done, hearing } = await change((gone) => {
        names.push(gone);
        this.#waiting.set(gone, (this.#waiting.get(gone) ?? new Set()).add(note));
      });
      // One that came or went meanwhile may not have been counted, and must not stand for another instance.
      wanted = hearing - Math.min(before, this.#own());
      if (done && heard < wanted) await endsWithin(this.#clock, all.promise, LOOK_MS);
      return done;
    } finally {
      for (const gone of names) this.#forget(gone, note);
    }
  }

  #forget(gone: string, note: () => void): void {
    const notes = this.#waiting.get(gone);
    notes?.delete(note);
    if (notes?.size === 0) this.#waiting.delete(gone);
  }
}
