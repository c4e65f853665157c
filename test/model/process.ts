import { type Clock, evenTime } from "../../src/process/clock.ts";
import type { Timeline } from "./timeline.ts";

/** What time the simulation begins with. Epoch milliseconds. */
export const EPOCH = Date.UTC(2026, 10, 25);

/**
 * A process as the operating system knows it. Its code goes on only when something it waits for (a timer, the store, an
 * answer) comes; so a killed one is one to which nothing comes any more, and a stopped one gets all of it later.
 */
export class Process {
  readonly name: string;
  alive = true;
  stopped = false;
  /** When it last stood still or could not reach the store: others may have taken its work over since. */
  hinderedAt = Number.NEGATIVE_INFINITY;
  readonly #timeline: Timeline;
  readonly #waiting: (() => void)[] = [];
  readonly #connections = new Set<() => void>();

  constructor(name: string, timeline: Timeline) {
    this.name = name;
    this.#timeline = timeline;
  }

  /** Something it waits for has come. */
  resume(goOn: () => void): void {
    if (!this.alive) return;
    if (this.stopped) this.#waiting.push(goOn);
    else goOn();
  }

  stop(): void {
    this.stopped = true;
  }

  async continue(): Promise<void> {
    if (!this.stopped) return;
    this.stopped = false;
    this.hinderedAt = this.#timeline.now;
    for (const goOn of this.#waiting.splice(0)) await this.#timeline.do(goOn);
  }

  kill(): void {
    this.alive = false;
    for (const close of [...this.#connections]) close();
  }

  /** What the system ends for it when it is killed; the result forgets it. */
  connection(close: () => void): () => void {
    this.#connections.add(close);
    return () => void this.#connections.delete(close);
  }

  /** Whether somebody may have taken its work over since `at`. */
  wasHindered(at: number): boolean {
    return !this.alive || this.stopped || this.hinderedAt >= at;
  }
}

/** The machine's clock: somebody may set it. */
export interface HostClock {
  set: number;
}

/**
 * The clock of a process. With a database server its time is the server's, told a little later (`lead`); with SQLite the
 * host's own, made even by the product's code.
 */
export function processClock(timeline: Timeline, process: Process, host: HostClock, lead: number | undefined): Clock {
  const wall = () => EPOCH + timeline.now + host.set;
  const monotonic = () => timeline.now;
  return {
    now:
      lead === undefined
        ? evenTime({ wall, monotonic, uptime: monotonic })
        : () => Math.ceil(EPOCH + timeline.now + lead),
    wall,
    monotonic,
    after: (milliseconds, callback) => {
      let cancelled = false;
      const cancel = timeline.at(Math.min(Math.max(milliseconds, 0), 60_000), () =>
        process.resume(() => {
          if (!cancelled) callback();
        }),
      );
      return () => {
        cancelled = true;
        cancel();
      };
    },
  };
}
