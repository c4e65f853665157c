import type { DatabaseSync } from "node:sqlite";
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
 * its own, so that one that fails takes no other with it. Nobody is told before the commit is durable.
 */
export class GroupCommit {
  readonly #database: DatabaseSync;
  readonly #guard: Guard;
  #queue: Waiting[] = [];

  constructor(database: DatabaseSync, guard: Guard) {
    this.#database = database;
    this.#guard = guard;
  }

  /** Runs `write` inside the next transaction; resolves with its value when that is durable. */
  run<T>(write: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#queue.length === 0) setImmediate(() => this.flush());
      this.#queue.push({ write, resolve: resolve as (value: unknown) => void, reject });
    });
  }

  /** Commits what is waiting; called by itself once a turn, and before closing. */
  flush(): void {
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
      outcomes = batch.map((waiting) => this.#apply(waiting));
      this.#database.exec("COMMIT");
    } catch (error) {
      const translated = this.#guard.portError(error);
      // Closed meanwhile, it has no transaction to be asked about.
      if (this.#database.isOpen && this.#database.isTransaction) this.#database.exec("ROLLBACK");
      for (const { reject } of batch) reject(translated);
      return;
    }
    for (const { waiting, value, error } of outcomes) {
      if (error === undefined) waiting.resolve(value);
      else waiting.reject(this.#guard.portError(error));
    }
  }

  #apply(waiting: Waiting): Outcome {
    this.#database.exec("SAVEPOINT one");
    try {
      const value = waiting.write();
      this.#database.exec("RELEASE one");
      return { waiting, value };
    } catch (error) {
      // Some errors (disk full) end the whole transaction; then the batch fails as one.
      if (!this.#database.isTransaction) throw error;
      this.#database.exec("ROLLBACK TO one; RELEASE one");
      return { waiting, error };
    }
  }
}
