import { randomBytes } from "node:crypto";
import type { Clock } from "../../process/clock.ts";
import {
  type Claimed,
  type ClaimRequest,
  type CountQuery,
  type EscrowWrite,
  type Expectation,
  type Filing,
  type Key,
  type Lease,
  type ListQuery,
  type Look,
  MOST_COUNTED,
  type NamesQuery,
  type Release,
  type Removal,
  type Revisions,
  type Row,
  type RowContent,
  type SealExchange,
  type Settlement,
  type Signal,
  type Store,
  type StoreLoad,
  TASKS,
  type Task,
} from "../port.ts";
import { rangeOf } from "../range.ts";
import { Claims } from "./claims.ts";
import { Connections } from "./connection.ts";
import * as facetSql from "./facet-sql.ts";
import { fence } from "./fence.ts";
import { fill } from "./fill.ts";
import { LettingGo } from "./letting-go.ts";
import { Listener } from "./listener.ts";
import { reseal } from "./reseal.ts";
import { type RawRow, toRow } from "./rows.ts";
import * as sql from "./sql.ts";
import { startDatabase } from "./start.ts";
import type { Statement, Values } from "./statement.ts";
import type { DatabaseTarget } from "./url.ts";
import { Writes } from "./writes.ts";

export interface PostgresOptions {
  readonly target: DatabaseTarget;
  /** For pauses only; what time it is, the database says. */
  readonly clock: Clock;
}

/**
 * The store on a PostgreSQL database, for any number of processes. Throws `StoreUnusable` when it cannot be used as it
 * is, `StoreUnavailable` when it cannot be reached.
 */
export async function openPostgresStore({ target, clock }: PostgresOptions): Promise<Store> {
  await startDatabase(target);
  const store = new PostgresStore(target, clock);
  try {
    await store.check();
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** A database that cannot be reached does not say goodbye, and is not waited for. */
const LONGEST_CLOSE_MS = 1_000;

class PostgresStore implements Store {
  readonly #target: DatabaseTarget;
  readonly #clock: Clock;
  readonly #connections: Connections;
  readonly #instance = randomBytes(16).toString("base64url");
  readonly #listeners = new Set<Listener>();
  readonly #claims: Claims;
  readonly #lettingGo: LettingGo;
  readonly #writes: Writes;
  readonly alone = false;

  constructor(target: DatabaseTarget, clock: Clock) {
    this.#target = target;
    this.#clock = clock;
    this.#connections = new Connections(target, clock);
    this.#claims = new Claims(this.#connections);
    this.#lettingGo = new LettingGo(clock, () => [...this.#listeners].filter(({ hears }) => hears).length);
    this.#writes = new Writes(this.#connections, this.#instance, this.#lettingGo);
  }

  async read({ mount, kind, name }: Key): Promise<Row | undefined> {
    return (await this.#rows(sql.READ, { mount, kind, name }))[0];
  }

  async readById(id: string): Promise<Row | undefined> {
    return (await this.#rows(sql.READ_BY_ID, { id }))[0];
  }

  list(query: ListQuery): Promise<readonly Row[]> {
    const { facet } = query;
    if (facet !== undefined) return this.#rows(facetSql.LIST_OF_FACET, { ...rangeOf(query), facet });
    return this.#rows(query.server === undefined ? sql.LIST : sql.LIST_OF_SERVER, rangeOf(query));
  }

  async names(query: NamesQuery): Promise<readonly string[]> {
    const { rows } = await this.#connections.run<{ name: string }>(sql.NAMES, rangeOf(query));
    return rows.map(({ name }) => name);
  }

  count(query: CountQuery): Promise<number> {
    return this.#number(facetSql.COUNT_FACET, {
      ...rangeOf({ ...query, limit: 0 }),
      facet: query.facet,
      most: MOST_COUNTED,
    });
  }

  write(row: RowContent, expect: Expectation): Promise<boolean> {
    return this.#writes.write(row, expect);
  }

  remove(removal: Removal): Promise<boolean> {
    return this.#writes.remove(removal);
  }

  claimDue(request: ClaimRequest): Promise<readonly Claimed[]> {
    return this.#claims.due(request);
  }

  claim(id: string, { milliseconds }: Lease): Promise<Claimed | undefined> {
    return this.#claims.one(id, milliseconds);
  }

  renew(id: string, claim: string, milliseconds: number): Promise<boolean> {
    return this.#changed(sql.RENEW, { id, claim, milliseconds });
  }

  escrow({ id, by, sealed, claim = "" }: EscrowWrite): Promise<boolean> {
    return this.#changed(sql.ESCROW, { id, sealed, holder: "claim" in by ? by.claim : claim, ...fence(by) });
  }

  settle(settlement: Settlement): Promise<boolean> {
    return this.#writes.settle(settlement);
  }

  async release(id: string, claim: string, { untouched, dueAt }: Release): Promise<void> {
    await this.#changed(sql.RELEASE, { id, claim, untouched, dueAt: dueAt === undefined ? null : Math.ceil(dueAt) });
  }

  /** Whether a holder is dead only its lease can tell here. */
  async recover(): Promise<void> {}

  async look(): Promise<Look> {
    const [row] = (await this.#connections.run<sql.LookRow>(sql.LOOK, { tasks: TASKS })).rows;
    const due = row?.due ?? undefined;
    return { ...(due !== undefined && { nextDue: Number(due) }), configured: Number(row?.configured ?? 0) };
  }

  async revisions(ids: readonly string[]): Promise<Revisions> {
    const [row] = (await this.#connections.run<sql.RevisionsRow>(sql.REVISIONS, { ids })).rows;
    return { revisions: new Map(Object.entries(row?.revisions ?? {})), configured: Number(row?.configured ?? 0) };
  }

  watch(onSignal: (signal: Signal) => void): () => void {
    const onLetGo = (gone: string) => this.#lettingGo.heard(gone);
    const ways = { target: this.#target, clock: this.#clock, instance: this.#instance };
    const listener = new Listener({ ...ways, onSignal, onLetGo });
    this.#listeners.add(listener);
    return () => void this.#unwatch(listener);
  }

  async announce(name: string): Promise<void> {
    await this.#connections.run(sql.ANNOUNCE, { payload: `${this.#instance}  ${name}` });
  }

  async #unwatch(listener: Listener): Promise<void> {
    await listener.stop();
    this.#listeners.delete(listener);
  }

  now = (): Promise<number> => this.#number(sql.NOW);
  progress = (): Promise<number> => this.#number(sql.PROGRESS);

  async #number(statement: Statement, values: Values = {}): Promise<number> {
    return Number((await this.#connections.run<{ value: string }>(statement, values)).rows[0]?.value);
  }

  fill(rows: AsyncIterable<Row>, progress: number): Promise<boolean> {
    return fill(this.#target, rows, progress);
  }

  scan(after: string, limit: number): Promise<readonly Row[]> {
    return this.#rows(sql.SCAN, { after, limit });
  }

  unfiled(after: string, limit: number): Promise<readonly Row[]> {
    return this.#rows(facetSql.UNFILED, { after, limit });
  }

  async file(filings: readonly Filing[]): Promise<void> {
    await this.#connections.run(facetSql.FILE, { filings: JSON.stringify(filings) });
  }

  reseal(exchanges: readonly SealExchange[]): Promise<number> {
    return reseal(this.#connections, exchanges);
  }

  async load(): Promise<StoreLoad> {
    const { rows } = await this.#connections.run<{ task: Task; count: string }>(sql.COUNT_DUE, { tasks: TASKS });
    return { due: new Map(rows.map(({ task, count }) => [task, Number(count)])), pool: this.#connections.pool() };
  }

  async check(): Promise<void> {
    await this.#connections.run(sql.TOUCH);
  }

  async close(): Promise<void> {
    const listening = [...this.#listeners].map((listener) => this.#unwatch(listener));
    let cancel = () => {};
    const late = new Promise<void>((resolve) => {
      cancel = this.#clock.after(LONGEST_CLOSE_MS, resolve);
    });
    await Promise.race([Promise.all([...listening, this.#connections.end()]), late]);
    cancel();
  }

  async #rows(statement: Statement, values: Values): Promise<Row[]> {
    return (await this.#connections.run<RawRow>(statement, values)).rows.map(toRow);
  }

  async #changed(statement: Statement, values: Values): Promise<boolean> {
    return ((await this.#connections.run(statement, values)).rowCount ?? 0) > 0;
  }
}
