import { randomBytes } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../../process/clock.ts";
import { fitting } from "../lanes.ts";
import {
  type Claimed,
  type ClaimRequest,
  CONFIGURED,
  type CountQuery,
  type EscrowWrite,
  type Expectation,
  type Filing,
  type Key,
  type Lease,
  type ListQuery,
  type Look,
  type NamesQuery,
  type Release,
  type Removal,
  type Revisions,
  type Row,
  type RowContent,
  type SealExchange,
  type Settlement,
  type Store,
  type StoreBroken,
  type StoreLoad,
  StoreUnavailable,
} from "../port.ts";
import { openDatabase, storeError } from "./database.ts";
import { countDue, findDue, nextDue } from "./due.ts";
import { fits } from "./fence.ts";
import { fill } from "./fill.ts";
import { GroupCommit } from "./group-commit.ts";
import { Guard } from "./guard.ts";
import { countFacet, listNames, listRows } from "./list.ts";
import { lockData } from "./lock.ts";
import { migrate } from "./migrations.ts";
import { reseal } from "./reseal.ts";
import { type DueRow, Statements } from "./rows.ts";
import * as sql from "./sql.ts";
import { byId, byName, fileRow, isWritten, settle, write } from "./write.ts";

export interface SqliteOptions {
  readonly path: string;
  readonly clock: Clock;
  /** Called once, when the file must not be used any more. */
  readonly onBroken?: (error: StoreBroken) => void;
}

/** The store on one local file, for one process. Throws `StoreUnusable` when it cannot be opened as it is. */
export async function openSqliteStore({ path, clock, onBroken = () => {} }: SqliteOptions): Promise<Store> {
  const unlock = lockData(path);
  try {
    const database = openDatabase(path);
    migrate(database);
    return new SqliteStore(database, clock, unlock, new Guard(onBroken));
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
  readonly #guard: Guard;
  readonly alone = true;
  /** Since the start, and rather too many than too few: of what is removed the kind is not asked. */
  #configured = 0;

  constructor(database: DatabaseSync, clock: Clock, unlock: () => void, guard: Guard) {
    this.#database = database;
    this.#statements = new Statements(database);
    this.#commits = new GroupCommit(database, guard, clock);
    this.#guard = guard;
    this.#clock = clock;
    this.#unlock = unlock;
  }

  /** The lock proves that every holder of a claim is dead: their leases end now, their intents stay. */
  async recover(): Promise<void> {
    await this.#commits.run(() => this.#statements.run(sql.END_LEASES, { now: this.#clock.now() }));
  }

  async read({ mount, kind, name }: Key): Promise<Row | undefined> {
    return this.#look(() => byName(this.#statements, { mount, kind, name }));
  }

  async readById(id: string): Promise<Row | undefined> {
    return this.#look(() => byId(this.#statements, id));
  }

  async list(query: ListQuery): Promise<readonly Row[]> {
    return this.#look(() => listRows(this.#statements, query));
  }

  async names(query: NamesQuery): Promise<readonly string[]> {
    return this.#look(() => listNames(this.#statements, query));
  }

  async count(query: CountQuery): Promise<number> {
    return this.#look(() => countFacet(this.#statements, query));
  }

  write(row: RowContent, expect: Expectation): Promise<boolean> {
    if (CONFIGURED.has(row.kind)) this.#configured += 1;
    return this.#commits.run(() => isWritten(this.#statements, row) || write(this.#statements, row, expect));
  }

  remove({ id, revision }: Removal): Promise<boolean> {
    this.#configured += 1;
    return this.#commits.run(() => this.#statements.run(sql.REMOVE, { id, revision: revision ?? null }) === 1);
  }

  claimDue(request: ClaimRequest): Promise<readonly Claimed[]> {
    // A pass that finds nothing must cost a look, not a transaction.
    if (this.#look(() => this.#due({ ...request, limit: 1 })).length === 0) return Promise.resolve([]);
    return this.#commits.run(() =>
      fitting(this.#due(request), request)
        .slice(0, request.limit)
        .flatMap((id) => this.#claim(id, request.milliseconds) ?? []),
    );
  }

  #due(request: ClaimRequest): readonly DueRow[] {
    return findDue(this.#statements, this.#clock.now(), request);
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

  /** The lock keeps everybody else away, so a claim that cannot be written just now is not lost either. */
  async renew(id: string, claim: string, milliseconds: number): Promise<boolean> {
    const values = { id, claim, until: this.#clock.now() + milliseconds };
    return this.#commits.run(() => this.#statements.run(sql.RENEW, values) === 1).catch(stillOurs);
  }

  escrow({ id, by, sealed, claim = "" }: EscrowWrite): Promise<boolean> {
    const holder = "claim" in by ? by.claim : claim;
    return this.#commits.run(() => {
      const present = byId(this.#statements, id);
      return (
        present !== undefined && fits(present, by) && this.#statements.run(sql.ESCROW, { id, sealed, holder }) === 1
      );
    });
  }

  settle(settlement: Settlement): Promise<boolean> {
    return this.#commits.run(() => isWritten(this.#statements, settlement.row) || settle(this.#statements, settlement));
  }

  async release(id: string, claim: string, { untouched, dueAt }: Release): Promise<void> {
    const values = { id, claim, untouched: untouched ? 1 : 0, dueAt: dueAt === undefined ? null : Math.ceil(dueAt) };
    await this.#commits.run(() => this.#statements.run(sql.RELEASE, values));
  }

  async look(): Promise<Look> {
    return this.#look(() => ({ ...nextDue(this.#statements), configured: this.#configured }));
  }

  async revisions(ids: readonly string[]): Promise<Revisions> {
    const found = this.#look(() => this.#statements.pairs(sql.REVISIONS, { ids: JSON.stringify(ids) }));
    return { revisions: new Map(found), configured: this.#configured };
  }

  watch(): () => void {
    return () => {};
  }

  async announce(): Promise<void> {}

  async now(): Promise<number> {
    return this.#clock.now();
  }

  async progress(): Promise<number> {
    return this.#look(() => Number(this.#statements.value(sql.PROGRESS, {})));
  }

  fill(rows: AsyncIterable<Row>, progress: number): Promise<boolean> {
    return fill(this.#database, rows, progress);
  }

  async scan(after: string, limit: number): Promise<readonly Row[]> {
    return this.#look(() => this.#statements.all(sql.SCAN, { after, limit }));
  }

  async unfiled(after: string, limit: number): Promise<readonly Row[]> {
    return this.#look(() => this.#statements.all(sql.UNFILED, { after, limit }));
  }

  async file(filings: readonly Filing[]): Promise<void> {
    await Promise.all(filings.map((one) => this.#commits.run(() => fileRow(this.#statements, one))));
  }

  async reseal(exchanges: readonly SealExchange[]): Promise<number> {
    const changed = await Promise.all(
      exchanges.map((exchange) => this.#commits.run(() => reseal(this.#statements, exchange))),
    );
    return changed.reduce((sum, count) => sum + count, 0);
  }

  async load(): Promise<StoreLoad> {
    return { due: await countDue((look) => this.#look(() => look(this.#statements)), this.#clock.now()) };
  }

  async check(): Promise<void> {
    await this.#commits.run(() => this.#statements.run(sql.TOUCH, {}));
  }

  async close(): Promise<void> {
    this.#commits.flush(Number.POSITIVE_INFINITY);
    // Closing would write the journal into the file.
    if (!this.#guard.broken) this.#database.close();
    this.#unlock();
  }

  #look<T>(read: () => T): T {
    return this.#guard.run(read);
  }
}

function stillOurs(error: unknown): boolean {
  if (error instanceof StoreUnavailable) return true;
  throw error;
}
