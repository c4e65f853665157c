import { randomBytes } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../../clock.ts";
import type {
  Claimed,
  ClaimRequest,
  Expectation,
  Key,
  Lease,
  ListQuery,
  Row,
  RowContent,
  SettleBy,
  Store,
} from "../port.ts";
import { openDatabase, storeError } from "./database.ts";
import { GroupCommit } from "./group-commit.ts";
import { lockData } from "./lock.ts";
import { migrate } from "./migrations.ts";
import { contentOf, Statements } from "./rows.ts";
import * as sql from "./sql.ts";

/** The store on one local file, for one process. Throws `StoreUnusable` when it cannot be opened as it is. */
export async function openSqliteStore({ path, clock }: { path: string; clock: Clock }): Promise<Store> {
  const unlock = lockData(path);
  try {
    const database = openDatabase(path);
    migrate(database);
    const store = new SqliteStore(database, clock, unlock);
    await store.recoverClaims();
    return store;
  } catch (error) {
    unlock();
    throw storeError(error);
  }
}

class SqliteStore implements Store {
  readonly #database: DatabaseSync;
  readonly #statements: Statements;
  readonly #commits: GroupCommit;
  readonly #clock: Clock;
  readonly #unlock: () => void;

  constructor(database: DatabaseSync, clock: Clock, unlock: () => void) {
    this.#database = database;
    this.#statements = new Statements(database);
    this.#commits = new GroupCommit(database);
    this.#clock = clock;
    this.#unlock = unlock;
  }

  /** The lock proves that every owner of a claim is dead: their leases end now, their intents stay. */
  recoverClaims(): Promise<number> {
    return this.#commits.run(() => this.#statements.run(sql.END_LEASES, { now: this.#clock.now() }));
  }

  async read({ mount, kind, name }: Key): Promise<Row | undefined> {
    return this.#look(() => this.#statements.one(sql.READ, { mount, kind, name }));
  }

  async readById(id: string): Promise<Row | undefined> {
    return this.#look(() => this.#statements.one(sql.READ_BY_ID, { id }));
  }

  async list({ mount, kind, prefix = "", after = "", limit, server }: ListQuery): Promise<readonly Row[]> {
    // Names that begin with the prefix are those from it up to the prefix with the largest code point behind it.
    const range = { mount, kind, after, from: prefix, upto: `${prefix}\u{10FFFF}`, limit: Math.min(limit, 1_000) };
    return this.#look(() =>
      server === undefined
        ? this.#statements.all(sql.LIST, range)
        : this.#statements.all(sql.LIST_OF_SERVER, { ...range, server }),
    );
  }

  write(row: RowContent, expect: Expectation): Promise<boolean> {
    return this.#commits.run(() => this.#write(row, expect));
  }

  #write(row: RowContent, expect: Expectation): boolean {
    const { mount, kind, name } = row;
    const present = "id" in expect ? this.#byId(expect.id) : this.#byName({ mount, kind, name });
    if ("absent" in expect && present) return this.#holds(row);
    if ("id" in expect && !(present && revisionFits(present, expect.revision))) return this.#holds(row);
    if (present?.id === row.id) return this.#statements.run(sql.UPDATE, contentOf(row)) === 1;
    if (present) this.#statements.run(sql.REMOVE, { id: present.id, revision: null });
    return this.#statements.run(sql.INSERT, contentOf(row)) === 1;
  }

  /** Whether this very content was written before: seals are unique, so this is the repetition of a lost answer. */
  #holds({ id, sealed }: RowContent): boolean {
    return this.#statements.value(sql.HOLDS, { id, sealed }) !== undefined;
  }

  #byId(id: string): Row | undefined {
    return this.#statements.one(sql.READ_BY_ID, { id });
  }

  #byName({ mount, kind, name }: Key): Row | undefined {
    return this.#statements.one(sql.READ, { mount, kind, name });
  }

  remove(id: string, revision?: number): Promise<boolean> {
    return this.#commits.run(() => this.#statements.run(sql.REMOVE, { id, revision: revision ?? null }) === 1);
  }

  claimDue({ limit, milliseconds, excludeLanes = [], tasks }: ClaimRequest): Promise<readonly Claimed[]> {
    const now = this.#clock.now();
    const filter = { lanes: JSON.stringify(excludeLanes), tasks: tasks === undefined ? null : JSON.stringify(tasks) };
    const due = (most: number) => this.#statements.all(sql.DUE, { now, limit: most, ...filter });
    // A pass that finds nothing must cost a look, not a transaction.
    if (this.#look(() => due(1)).length === 0) return Promise.resolve([]);
    return this.#commits.run(() => due(limit).flatMap(({ id }) => this.#claim(id, milliseconds) ?? []));
  }

  claim(id: string, { milliseconds }: Lease): Promise<Claimed | undefined> {
    return this.#commits.run(() => this.#claim(id, milliseconds));
  }

  #claim(id: string, milliseconds: number): Claimed | undefined {
    const now = this.#clock.now();
    const claim = randomBytes(16).toString("base64url");
    const row = this.#statements.one(sql.CLAIM, { id, claim, now, until: now + milliseconds });
    return row && { row, claim };
  }

  renew(id: string, claim: string, milliseconds: number): Promise<boolean> {
    const values = { id, claim, until: this.#clock.now() + milliseconds };
    return this.#commits.run(() => this.#statements.run(sql.RENEW, values) === 1);
  }

  escrow(id: string, by: SettleBy, sealed: Uint8Array): Promise<boolean> {
    return this.#commits.run(() => this.#statements.run(sql.ESCROW, { id, sealed, ...fence(by) }) === 1);
  }

  settle(row: RowContent, by: SettleBy): Promise<boolean> {
    return this.#commits.run(() => {
      const { claim, lineage } = fence(by);
      const values = { ...contentOf(row), byClaim: claim, byLineage: lineage };
      return this.#statements.run(sql.SETTLE, values) === 1 || this.#holds(row);
    });
  }

  async release(id: string, claim: string, untouched: boolean): Promise<void> {
    await this.#commits.run(() => this.#statements.run(sql.RELEASE, { id, claim, untouched: untouched ? 1 : 0 }));
  }

  async nextDue(): Promise<number | undefined> {
    const next = this.#look(() => this.#statements.value(sql.NEXT_DUE, {}));
    return typeof next === "number" ? next : undefined;
  }

  /** The lock keeps every other process away. */
  watch(): () => void {
    return () => {};
  }

  async now(): Promise<number> {
    return this.#clock.now();
  }

  async check(): Promise<void> {
    await this.#commits.run(() => this.#statements.run(sql.TOUCH, {}));
  }

  async close(): Promise<void> {
    this.#commits.flush();
    this.#database.close();
    this.#unlock();
  }

  #look<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      throw storeError(error);
    }
  }
}

function revisionFits(present: Row, revision: number | undefined): boolean {
  return revision === undefined || present.revision === revision;
}

function fence(by: SettleBy): { claim: string | null; lineage: string | null } {
  return "claim" in by ? { claim: by.claim, lineage: null } : { claim: null, lineage: by.lineage };
}
