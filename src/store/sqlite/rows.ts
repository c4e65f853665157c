import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import type { Beside, Kind, Row, RowContent, Task } from "../port.ts";

/** Statements are prepared once per text. */
export class Statements {
  readonly #database: DatabaseSync;
  readonly #prepared = new Map<string, StatementSync>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  one(sql: string, values: Record<string, SQLInputValue>): Row | undefined {
    const found = this.#prepare(sql).get(values);
    return found && toRow(found);
  }

  all(sql: string, values: Record<string, SQLInputValue>): Row[] {
    return this.#prepare(sql).all(values).map(toRow);
  }

  /** One column of each row. */
  texts(sql: string, values: Record<string, SQLInputValue>): string[] {
    return this.#prepare(sql)
      .all(values)
      .map((raw) => String(Object.values(raw)[0]));
  }

  /** A text and a number of each row. */
  pairs(sql: string, values: Record<string, SQLInputValue>): [string, number][] {
    return this.#prepare(sql)
      .all(values)
      .map((raw) => Object.values(raw))
      .map(([text, count]) => [String(text), Number(count)]);
  }

  due(sql: string, values: Record<string, SQLInputValue>): DueRow[] {
    return this.#prepare(sql).all(values).map(toDue);
  }

  value(sql: string, values: Record<string, SQLInputValue>): unknown {
    const found = this.#prepare(sql).get(values);
    return found && Object.values(found)[0];
  }

  /** One row's columns that are a time. */
  times(sql: string): ReadonlyMap<string, number> {
    const found = Object.entries(this.#prepare(sql).get() ?? {});
    return new Map(found.flatMap(([column, time]) => (typeof time === "number" ? [[column, time]] : [])));
  }

  /** How many rows it changed. */
  run(sql: string, values: Record<string, SQLInputValue>): number {
    return Number(this.#prepare(sql).run(values).changes);
  }

  #prepare(sql: string): StatementSync {
    const known = this.#prepared.get(sql);
    if (known) return known;
    const made = this.#database.prepare(sql);
    this.#prepared.set(sql, made);
    return made;
  }
}

type Raw = Record<string, unknown>;

export type DueRow = Pick<Row, "id" | "mount" | "server"> & { readonly due: number };

function toDue(raw: Raw): DueRow {
  return { id: String(raw.id), mount: String(raw.mount), server: text(raw.server), due: Number(raw.due) };
}

function toRow(raw: Raw): Row {
  return {
    id: String(raw.id),
    mount: String(raw.mount),
    kind: raw.kind as Kind,
    name: String(raw.name),
    server: text(raw.server),
    task: text(raw.task) as Task | null,
    dueAt: number(raw.due_at),
    lineage: text(raw.lineage),
    revision: Number(raw.revision),
    claim: text(raw.claim),
    claimUntil: number(raw.claim_until),
    intent: text(raw.intent),
    escrow: raw.escrow instanceof Uint8Array ? raw.escrow : null,
    sealed: raw.sealed as Uint8Array,
  };
}

function text(value: unknown): string | null {
  return value === null ? null : String(value);
}

function number(value: unknown): number | null {
  return value === null ? null : Number(value);
}

/** The content columns as named parameters. */
export function contentOf(row: Beside): Record<string, SQLInputValue> {
  const { id, mount, kind, name, server, task, dueAt, lineage, sealed, facets } = row;
  return { id, mount, kind, name, server, task, dueAt, lineage, sealed, facets: facetsOf(facets) };
}

/** As the column has them, whose table follows it. */
export function facetsOf(facets: RowContent["facets"]): string | null {
  return facets === undefined ? null : JSON.stringify(facets);
}
