import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Clock } from "../../process/clock.ts";
import { STRETCH_MS } from "../walk.ts";
import type { Guard } from "./guard.ts";

interface Waiting {
  readonly write: () => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

interface Outcome {
  readonly waiting: Waiting;
  readonly value?: unknown;
  readonly error?: unknown;
}

/**
 * Writes that arrive in the same turn of the event loop share one transaction and so one fsync; each has a savepoint of
 * its own, so that one that fails takes no other with it. Nobody is told before the commit is durable. What would take too
 * long for those who wait is left to the next turn.
 */
export class GroupCommit {
  readonly #database: DatabaseSync;
  readonly #savepoint: StatementSync;
  readonly #release: StatementSync;
  readonly #guard: Guard;
  readonly #clock: Pick<Clock, "monotonic">;
  #queue: Waiting[] = [];

  constructor(database: DatabaseSync, guard: Guard, clock: Pick<Clock, "monotonic">) {
    this.#database = database;
    this.#savepoint = database.prepare("SAVEPOINT one");
    this.#release = database.prepare("RELEASE one");
    this.#guard = guard;
    this.#clock = clock;
  }

  /** Runs `write` inside the next transaction; resolves with its value when that is durable. */
  run<T>(write: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#queue.length === 0) setImmediate(() => this.flush());
      this.#queue.push({ write, resolve: resolve as (value: unknown) => void, reject });
    });
  }

  /** Commits what is waiting, for so many milliseconds; called by itself once a turn, and before closing. */
  flush(longest = STRETCH_MS): void {
    const batch = this.#queue;
    this.#queue = [];
    if (batch.length === 0) return;
    if (this.#guard.broken) {
      for (const { reject } of batch) reject(this.#guard.broken);
      return;
    }
    let outcomes: Outcome[];
    try {
      this.#database.exec("BEGIN IMMEDIATE");
      outcomes = this.#applySome(batch, longest);
      this.#database.exec("COMMIT");
    } catch (error) {
      const translated = this.#guard.portError(error);
      // Closed meanwhile, it has no transaction to be asked about.
      if (this.#database.isOpen && this.#database.isTransaction) this.#database.exec("ROLLBACK");
      for (const { reject } of batch) reject(translated);
      return;
    }
    this.#queue = batch.slice(outcomes.length);
    if (this.#queue.length > 0) setImmediate(() => this.flush());
    for (const { waiting, value, error } of outcomes) {
      if (error === undefined) waiting.resolve(value);
      else waiting.reject(this.#guard.portError(error));
    }
  }

  /** Those at the front, one at least. */
  #applySome(batch: readonly Waiting[], longest: number): Outcome[] {
    const end = this.#clock.monotonic() + longest;
    const outcomes: Outcome[] = [];
    for (const waiting of batch) {
      outcomes.push(this.#apply(waiting));
      if (this.#clock.monotonic() >= end) break;
    }
    return outcomes;
  }

  #apply(waiting: Waiting): Outcome {
    this.#savepoint.run();
    try {
      const value = waiting.write();
      this.#release.run();
      return { waiting, value };
    } catch (error) {
      // Some errors (disk full) end the whole transaction; then the batch fails as one.
      if (!this.#database.isTransaction) throw error;
      this.#database.exec("ROLLBACK TO one; RELEASE one");
      return { waiting, error };
    }
  }
}
