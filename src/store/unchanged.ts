import type { Clock } from "../process/clock.ts";
import { LOOK_MS, type Revisions, type Row } from "./port.ts";

/** What was confirmed longer ago is looked at again once somebody reads it, before anybody has to wait for that. Milliseconds. */
const CONFIRM_MS = LOOK_MS / 2;

/** More are not confirmed at once: who reads them asks the store. */
const MOST = 10_000;

/** A row as it was read, and when the store last said that it is so. */
export interface Confirmed {
  readonly row: Row | undefined;
  /** Before the store was asked; by the clock that expiries are compared with, and by the one that never jumps. */
  at: number;
  askedAt: number;
  /** What the last look had counted by then. */
  readonly configured: number | undefined;
}

interface Asking {
  readonly clock: Pick<Clock, "now" | "monotonic">;
  revisions(ids: readonly string[]): Promise<Revisions>;
  drop(known: Confirmed): void;
}

/**
 * What is known of rows on a store that others write too. They say at once what hands out no token any more; every other change is
 * found by a look, which bounds how old an answer can be to a second. Where they are not heard, every read asks the store.
 */
export class Unchanged {
  readonly #asking: Asking;
  /** Monotonic milliseconds; what was read before others were heard may have gone unheard. */
  #heardSince = Number.POSITIVE_INFINITY;
  #configured: number | undefined;
  /** Monotonic milliseconds, before the store was asked. */
  #lookedAt = Number.NEGATIVE_INFINITY;
  /** Those that somebody was given since they were last confirmed, the oldest first. */
  #used = new Set<Confirmed>();
  #isConfirming = false;

  constructor(asking: Asking) {
    this.#asking = asking;
  }

  /** Counts what operators have changed, as the last look did. */
  get configured(): number | undefined {
    return this.#configured;
  }

  looked(askedAt: number, configured: number): void {
    if (askedAt < this.#lookedAt) return;
    this.#lookedAt = askedAt;
    this.#configured = configured;
  }

  hears(does: boolean): void {
    this.#heardSince = does ? this.#asking.clock.monotonic() : Number.POSITIVE_INFINITY;
  }

  /** Whether what an operator wrote is as it was read. */
  isConfigured({ askedAt, configured }: Confirmed): boolean {
    if (configured !== this.#configured) return false;
    return this.#asking.clock.monotonic() - Math.max(askedAt, this.#lookedAt) <= LOOK_MS;
  }

  /** Whether what hands out a token is as it was read, and what operators have set, too. */
  isCurrent(known: Confirmed): boolean {
    const { clock } = this.#asking;
    const now = clock.monotonic();
    if (known.configured !== this.#configured || known.askedAt < this.#heardSince) return false;
    // A machine that sleeps stops the one clock, and a clock that is set moves the other.
    if (now - Math.min(known.askedAt, this.#lookedAt) > LOOK_MS || clock.now() - known.at > LOOK_MS) return false;
    this.#use(known, now);
    if (now - known.askedAt > CONFIRM_MS && !this.#isConfirming) void this.#confirm(now);
    return true;
  }

  /** What nobody asked for again in time is of no use any more: it must not wait for the next look, which may never come. */
  #use(known: Confirmed, now: number): void {
    for (const one of this.#used) {
      if (now - one.askedAt <= LOOK_MS) break;
      this.#used.delete(one);
    }
    this.#used.add(known);
  }

  /** Never rejects: whoever reads next asks by themselves, and is told of an error. */
  async #confirm(askedAt: number): Promise<void> {
    const rows = [...this.#used].slice(0, MOST).flatMap((known) => (known.row ? [{ known, row: known.row }] : []));
    const at = this.#asking.clock.now();
    this.#used.clear();
    this.#isConfirming = true;
    try {
      const { revisions, configured } = await this.#asking.revisions(rows.map(({ row }) => row.id));
      this.looked(askedAt, configured);
      for (const { known, row } of rows) {
        if (revisions.get(row.id) === row.revision) Object.assign(known, { at, askedAt });
        else this.#asking.drop(known);
      }
    } catch {
      // The store has not said that anything is as it was.
    } finally {
      this.#isConfirming = false;
    }
  }
}
