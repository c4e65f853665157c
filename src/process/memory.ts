import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

type Collect = (how: { type: "major"; execution: "sync"; flavor: "last-resort" }) => void;

let collect: Collect | undefined;

/** Gives the system back what V8 keeps of a heap that was once larger. Nothing else happens for about 0.1 s. */
export function giveMemoryBack(): void {
  if (!collect) {
    setFlagsFromString("--expose-gc");
    collect = runInNewContext("gc") as Collect;
  }
  collect({ type: "major", execution: "sync", flavor: "last-resort" });
}

/** How often the process is looked at. Milliseconds. */
const LOOK_MS = 10_000;

/** What is needed again at once is given back so rarely in the end: each 11 minutes. Looks. */
const LONGEST = 64;

/** So often in a row a little more than was needed is seen before it is given back: V8 may do it by itself meanwhile. Looks. */
const LASTING = 3;

const MIB = 1_048_576;

/**
 * When memory is to be given back: V8 never does so by itself while anything goes on, and after a burst of any kind (connections,
 * bodies, guesses) would keep twice what is needed. Of a small one, which leaves less than a quarter and 32 MiB, it is done when that
 * lasts. Where it is needed again at once the next time comes twice as late, so that lasting work is not disturbed.
 */
export class AfterBursts {
  readonly #resident: () => number;
  readonly #giveBack: () => void;
  #low: number;
  /** Looks until it may be done again, and how many that will be. */
  #left = 0;
  #pause = 1;
  /** Looks in a row that found more than is needed. */
  #more = 0;

  /** `resident` in bytes. */
  constructor(resident: () => number, giveBack: () => void) {
    this.#resident = resident;
    this.#giveBack = giveBack;
    this.#low = resident();
  }

  look(): void {
    const now = this.#resident();
    this.#low = Math.min(this.#low, now);
    const isLarge = now > this.#low * 1.25 + 32 * MIB;
    // Less than the fifth that is promised (ST-6), whatever a broker at rest takes.
    const isMore = now > this.#low * 1.15 + 8 * MIB;
    this.#more = isMore ? this.#more + 1 : 0;
    if (this.#left > 0) this.#left -= 1;
    else if (!isMore) this.#pause = 1;
    else if (isLarge || this.#more >= LASTING) {
      this.#giveBack();
      this.#more = 0;
      // What is left is in use: a working set that has grown for good is not collected for ever.
      this.#low = this.#resident();
      this.#left = this.#pause;
      this.#pause = Math.min(2 * this.#pause, LONGEST);
    }
  }
}

/** From now on, for a process that lives long. */
export function giveMemoryBackAfterBursts(clock: { after(milliseconds: number, callback: () => void): unknown }): void {
  const after = new AfterBursts(() => process.memoryUsage.rss(), giveMemoryBack);
  const again = () => {
    clock.after(LOOK_MS, () => {
      after.look();
      again();
    });
  };
  again();
}
