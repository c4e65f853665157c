import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Running } from "../../src/compose/serve.ts";
import { nextDue } from "../../src/store/sqlite/due.ts";
import { Statements } from "../../src/store/sqlite/rows.ts";
import { countWithheld } from "../servers/watched.ts";
import type { FakeClock } from "./fake-clock.ts";
import { moment } from "./turns.ts";

/** A broker in this process, whose clock is moved by hand. */
export interface Passing {
  readonly clock: FakeClock;
  readonly running: Running;
  /** Its folder. */
  readonly data: string;
}

/** How often a row that is due and has no room is looked for; the scheduler does so ten times as often. Milliseconds. */
const NO_ROOM_MS = 1_000;

/**
 * The scheduler's looks at the queue: as nobody else writes to its file, they find nothing before the next row is due, so one
 * is enough, just then. Milliseconds; no other timer is set for so long.
 */
const LOOKS = new Set([100, 1_000]);

/** And while nothing is under way, whose lease would be renewed as often: the look whether the store is still its own. */
const IDLE_LOOKS = new Set([...LOOKS, 5_000]);

/** The longest step while the broker is asked for something: what that waits for may be beside the clock. Milliseconds. */
const ASKED_MS = 1_000;

/**
 * Moves the clock from one time at which something is due to the next, and lets the work of each be done before it goes on;
 * until `look` says so, or as long as it was told. Answers whether `look` said so.
 */
export async function pass(broker: Passing, milliseconds: number, look = () => false): Promise<boolean> {
  const { clock, running } = broker;
  const queue = new Queue(broker);
  try {
    // Requests that were begun arrive first.
    await rest(running);
    for (let left = milliseconds; left > 0 && !look(); ) {
      const isAsked = running.quietFor() === 0;
      const looks = isAsked || running.underWay() > 0 ? LOOKS : IDLE_LOOKS;
      const step = Math.min(left, clock.next(looks), queue.next(), isAsked ? ASKED_MS : left);
      clock.advance(step, looks);
      left -= step;
      await rest(running);
    }
    return look();
  } finally {
    queue.close();
  }
}

/** Moves the clock until a second before the next row is due, at most so far. Milliseconds. */
export async function passQuietTime(broker: Passing, limit: number): Promise<void> {
  const queue = new Queue(broker);
  const quiet = Math.min(queue.next() - 1_000, limit);
  queue.close();
  if (quiet > 0) await pass(broker, quiet);
}

/** When the next row is due, read beside the broker. */
class Queue {
  readonly #clock: FakeClock;
  readonly #database: DatabaseSync;
  readonly #statements: Statements;

  constructor({ clock, data }: Passing) {
    this.#clock = clock;
    this.#database = new DatabaseSync(join(data, "coatcheck.db"), { readOnly: true });
    this.#statements = new Statements(this.#database);
  }

  /** Milliseconds. */
  next(): number {
    const { nextDue: due } = nextDue(this.#statements);
    if (due === undefined) return Number.POSITIVE_INFINITY;
    const wait = due - this.#clock.now();
    return wait > 0 ? wait : NO_ROOM_MS;
  }

  close(): void {
    this.#database.close();
  }
}

/** So many turns of the event loop with nothing under way are rest: what has ended may have begun something else. */
const CALM_MOMENTS = 18;

/** How long what is under way may stay the same on the real clock before it is taken to wait for the false one. Milliseconds. */
const STUCK_MS = 3_000;

/** How many operations do so: a store that is blocked on purpose never comes to rest. */
const stuck = new WeakMap<Running, number>();

/** Until nothing is under way but what a server withholds: real requests to real servers take their real time. */
async function rest(running: Running): Promise<void> {
  const busy = () => Math.max(0, running.underWay() - countWithheld());
  let seen = { busy: busy(), at: performance.now() };
  for (let calm = 0, moments = 0; calm < CALM_MOMENTS; moments++) {
    await moment(moments);
    const now = { busy: busy(), at: performance.now() };
    if (now.busy !== seen.busy) seen = now;
    const isStuck = now.at - seen.at > STUCK_MS;
    stuck.set(running, isStuck ? now.busy : Math.min(now.busy, stuck.get(running) ?? 0));
    calm = now.busy === stuck.get(running) ? calm + 1 : 0;
  }
}
