import type {
  Claimed,
  ClaimRequest,
  CountQuery,
  EscrowWrite,
  Expectation,
  Filing,
  Key,
  Lease,
  ListQuery,
  Look,
  NamesQuery,
  Release,
  Removal,
  Revisions,
  Row,
  RowContent,
  SealExchange,
  Settlement,
  Signal,
  Store,
  StoreLoad,
} from "./port.ts";

/** A store that passes everything on to another one. Whoever wraps a store extends this, and says only what is different. */
export class ForwardingStore implements Store {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  read(key: Key): Promise<Row | undefined> {
    return this.#store.read(key);
  }

  readById(id: string): Promise<Row | undefined> {
    return this.#store.readById(id);
  }

  list(query: ListQuery): Promise<readonly Row[]> {
    return this.#store.list(query);
  }

  names(query: NamesQuery): Promise<readonly string[]> {
    return this.#store.names(query);
  }

  count(query: CountQuery): Promise<number> {
    return this.#store.count(query);
  }

  write(row: RowContent, expect: Expectation): Promise<boolean> {
    return this.#store.write(row, expect);
  }

  remove(removal: Removal): Promise<boolean> {
    return this.#store.remove(removal);
  }

  claimDue(request: ClaimRequest): Promise<readonly Claimed[]> {
    return this.#store.claimDue(request);
  }

  claim(id: string, lease: Lease): Promise<Claimed | undefined> {
    return this.#store.claim(id, lease);
  }

  renew(id: string, claim: string, milliseconds: number): Promise<boolean> {
    return this.#store.renew(id, claim, milliseconds);
  }

  escrow(answer: EscrowWrite): Promise<boolean> {
    return this.#store.escrow(answer);
  }

  settle(settlement: Settlement): Promise<boolean> {
    return this.#store.settle(settlement);
  }

  release(id: string, claim: string, how: Release): Promise<void> {
    return this.#store.release(id, claim, how);
  }

  look(): Promise<Look> {
    return this.#store.look();
  }

  revisions(ids: readonly string[]): Promise<Revisions> {
    return this.#store.revisions(ids);
  }

  recover(): Promise<void> {
    return this.#store.recover();
  }

  get alone(): boolean {
    return this.#store.alone;
  }

  watch(onSignal: (signal: Signal) => void): () => void {
    return this.#store.watch(onSignal);
  }

  announce(name: string): Promise<void> {
    return this.#store.announce(name);
  }

  now(): Promise<number> {
    return this.#store.now();
  }

  progress(): Promise<number> {
    return this.#store.progress();
  }

  fill(rows: AsyncIterable<Row>, progress: number): Promise<boolean> {
    return this.#store.fill(rows, progress);
  }

  scan(after: string, limit: number): Promise<readonly Row[]> {
    return this.#store.scan(after, limit);
  }

  unfiled(after: string, limit: number): Promise<readonly Row[]> {
    return this.#store.unfiled(after, limit);
  }

  file(filings: readonly Filing[]): Promise<void> {
    return this.#store.file(filings);
  }

  reseal(exchanges: readonly SealExchange[]): Promise<number> {
    return this.#store.reseal(exchanges);
  }

  load(): Promise<StoreLoad> {
    return this.#store.load();
  }

  check(): Promise<void> {
    return this.#store.check();
  }

  close(): Promise<void> {
    return this.#store.close();
  }
}
