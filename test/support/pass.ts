import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout } from "node:timers/promises";
import type { Running } from "../../src/compose/serve.ts";
import { nextDue } from "../../src/store/sqlite/due.ts";
import { Statements } from "../../src/store/sqlite/rows.ts";
import type { FaultyServer } from "../servers/misbehaving.ts";
import type { FakeClock } from "./fake-clock.ts";
import { turns } from "./turns.ts";

/** A broker in this process, whose clock is moved by hand. */
export interface Passing {
  readonly clock: FakeClock;
  readonly running: Running;
  /** Its folder. */
  readonly data: string;
}

/** Servers whose held answers are not waited for. */
export const servers = new Set<FaultyServer>();

/** What else is withheld on purpose, and not waited for. */
export const withheld = new Set<object>();

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

/** So many turns of the event loop bring what is in this process; afterwards a spin would only keep it from others. */
const PROMPT_TURNS = 200;

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

/** Longest that a step may take on the real clock: a store that is blocked on purpose never comes to rest. */
const LONGEST_REST_MS = 3_000;

/** Until nothing is under way but what a server withholds: real requests to real servers take their real time. */
async function rest(running: Running): Promise<void> {
  const end = performance.now() + LONGEST_REST_MS;
  for (let calm = 0, passed = 0; calm < 3 && performance.now() < end; passed += 6) {
    await turns(6);
    if (passed > PROMPT_TURNS) await setTimeout(1);
    const held = [...servers].reduce((sum, { holding }) => sum + holding.size, withheld.size);
    calm = running.underWay() <= held ? calm + 1 : 0;
  }
}
