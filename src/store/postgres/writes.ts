import { type Beside, type Expectation, placeOf, type Removal, type RowContent, type Settlement } from "../port.ts";
import type { Connections, Run } from "./connection.ts";
import { fence, holds, type Named } from "./fence.ts";
import type { LettingGo, TakenAway } from "./letting-go.ts";
import { contentOf } from "./rows.ts";
import * as sql from "./sql.ts";
import type { Statement, Values } from "./statement.ts";

const NOT_DONE: TakenAway = { done: false, hearing: 0 };

/** What a statement that writes answers. */
interface ToldRow {
  /** How many connections listen, where they are told that something is gone. */
  readonly told: string | null;
}

/** What changes the content of rows. */
export class Writes {
  readonly #connections: Connections;
  readonly #instance: string;
  readonly #lettingGo: LettingGo;

  constructor(connections: Connections, instance: string, lettingGo: LettingGo) {
    this.#connections = connections;
    this.#instance = instance;
    this.#lettingGo = lettingGo;
  }

  async write(row: RowContent, expect: Expectation): Promise<boolean> {
    return (await this.#write(row, expect)) || this.#holds(row);
  }

  #write(row: RowContent, expect: Expectation): Promise<boolean> {
    const { statement, values, gone } = this.#asked(row, expect);
    return this.#with(row, statement, values, gone);
  }

  /** How a row is written by itself, and what that may take away. */
  #asked(row: Beside, expect: Expectation): { statement: Statement; values: Values; gone?: string } {
    const values = { ...contentOf(row), instance: this.#instance };
    if ("absent" in expect) return { statement: sql.WRITE_NEW, values };
    if ("anything" in expect) {
      const place = placeWord(row);
      return { statement: sql.WRITE_ANYWAY, values: { ...values, place }, gone: place };
    }
    const { id, revision = null, idle = false } = expect;
    return { statement: sql.WRITE_OVER, values: { ...values, present: id, revision, idle }, gone: id };
  }

  /** A statement that writes a row, and may take another away; what the row brings with it is written in the same transaction. */
  #with(row: RowContent, statement: Statement, values: Values, gone?: string): Promise<boolean> {
    return this.#lettingGo.after(async (takes) => {
      if (gone !== undefined) takes(gone);
      if (!row.beside?.length) return takenAway(await this.#connections.run<ToldRow>(statement, values));
      return this.#connections.transaction(async (run) => {
        const taken = takenAway(await run<ToldRow>(statement, values));
        return { ...taken, done: taken.done && (await this.#writeBeside(run, row)) };
      }, isDone);
    });
  }

  /** False where one of them is not to be written, and so nothing is. */
  async #writeBeside(run: Run, { beside = [] }: RowContent): Promise<boolean> {
    for (const row of beside) {
      const { statement, values } = this.#asked(row, row.expect ?? { anything: true });
      if ((await run(statement, values)).rowCount !== 1) return false;
    }
    return true;
  }

  /**
   * Whether this very content was written before: seals are unique, so this is the repetition of a lost answer. A
   * statement of its own: the first one waited, perhaps, for the very commit it repeats, and saw the row as it was before.
   */
  async #holds({ id, sealed }: RowContent): Promise<boolean> {
    return ((await this.#connections.run(sql.HOLDS, { id, sealed })).rowCount ?? 0) > 0;
  }

  remove({ id, revision }: Removal): Promise<boolean> {
    return this.#lettingGo.after(async (takes) => {
      takes(id);
      const values = { id, revision: revision ?? null, instance: this.#instance };
      return takenAway(await this.#connections.run<ToldRow>(sql.REMOVE, values));
    });
  }

  async settle({ row, by, expect }: Settlement): Promise<boolean> {
    const values = { ...contentOf(row), ...fence(by), instance: this.#instance };
    const settled = expect ? this.#settleAs(row, values, expect) : this.#with(row, sql.SETTLE, values);
    return (await settled) || this.#holds(row);
  }

  /** The row takes a name, and what had it goes, in one transaction. */
  #settleAs(row: RowContent, values: Values, expect: Expectation): Promise<boolean> {
    const settle = async (run: Run, takes: (gone: string) => void): Promise<TakenAway> => {
      if ((await run(sql.LOCK_TO_SETTLE, values)).rowCount === 0) return NOT_DONE;
      const [named] = (await run<Named>(sql.LOCK_NAMED, values)).rows;
      if (!holds(expect, named)) return NOT_DONE;
      if (named) takes(named.id);
      const removed = named && (await run<ToldRow>(sql.REMOVE, { ...values, id: named.id, revision: null }));
      const done = (await run(sql.SETTLE, values)).rowCount === 1 && (await this.#writeBeside(run, row));
      return { done, hearing: removed ? takenAway(removed).hearing : 0 };
    };
    return this.#lettingGo.after((takes) => this.#connections.transaction((run) => settle(run, takes), isDone));
  }
}

function isDone({ done }: TakenAway): boolean {
  return done;
}

function takenAway({ rowCount, rows }: { rowCount: number | null; rows: readonly ToldRow[] }): TakenAway {
  return { done: rowCount === 1, hearing: Number(rows[0]?.told ?? 0) };
}

/** A place as a notification names it: words are apart by spaces there. */
function placeWord(row: Beside): string {
  return encodeURIComponent(placeOf(row));
}
