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

/** So long without more than is needed, and what was needed again at once is forgotten. Looks: 5 minutes. */
const QUIET = 30;

/** So many sockets and timers come and go without a burst. */
const FEW = 100;

/** What is looked at of a process. */
export interface Watched {
  /** Bytes of memory. */
  resident(): number;
  /** How many sockets, timers and the like it has open. */
  open(): number;
  giveBack(): void;
}

/**
 * When memory is to be given back: V8 never does so by itself while anything goes on, and after a burst of any kind (connections,
 * bodies, guesses) would keep twice what is needed. Of a small one, which leaves less than a quarter and 32 MiB, it is done when that
 * lasts. Where it is needed again soon the next time comes twice as late, so that lasting work is not disturbed. When a crowd has
 * gone, it is done whatever was before: what was in use while it was there is not what is needed.
 */
export class AfterBursts {
  readonly #process: Watched;
  /** What was left when memory was given back last, or the least since. Bytes. */
  #needed: number;
  /** The most that was open since then. */
  #open = 0;
  /** Looks until it may be done again, and how many that will be. */
  #left = 0;
  #pause = 1;
  /** Looks in a row that found more than is needed, and that did not. */
  #more = 0;
  #quiet = 0;

  constructor(process: Watched) {
    this.#process = process;
    this.#needed = process.resident();
  }

  look(): void {
    const now = this.#process.resident();
    const open = this.#process.open();
    this.#needed = Math.min(this.#needed, now);
    this.#open = Math.max(this.#open, open);
    const isLarge = now > this.#needed * 1.25 + 32 * MIB;
    // Less than the fifth that is promised (ST-6), whatever a broker at rest takes.
    const isMore = now > this.#needed * 1.15 + 8 * MIB;
    this.#more = isMore ? this.#more + 1 : 0;
    this.#quiet = isMore ? 0 : this.#quiet + 1;
    if (this.#quiet >= QUIET) this.#pause = 1;
    if (this.#open > FEW && open < this.#open / 2) {
      this.#giveBack(open);
    } else if (this.#left > 0) {
      this.#left -= 1;
    } else if (isLarge || this.#more >= LASTING) {
      this.#giveBack(open);
      this.#left = this.#pause;
      this.#pause = Math.min(2 * this.#pause, LONGEST);
    }
  }

  #giveBack(open: number): void {
    this.#process.giveBack();
    // What is left is in use: a working set that has grown for good is not collected for ever.
    this.#needed = this.#process.resident();
    this.#open = open;
    this.#more = 0;
  }
}

/** This process. */
export const thisProcess: Watched = {
  resident: () => process.memoryUsage.rss(),
  open: () => process.getActiveResourcesInfo().length,
  giveBack: giveMemoryBack,
};

/** From now on, for a process that lives long. */
export function giveMemoryBackAfterBursts(clock: { after(milliseconds: number, callback: () => void): unknown }): void {
  const after = new AfterBursts(thisProcess);
  const again = () => {
    clock.after(LOOK_MS, () => {
      after.look();
      again();
    });
  };
  again();
}
