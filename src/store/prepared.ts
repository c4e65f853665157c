import { ForwardingStore } from "./forwarding.ts";
import type { Claimed, ClaimRequest, Key, Lease, ListQuery, Row, Store } from "./port.ts";

/** What has to be known before rows are of use; nothing where it is. */
export type Prepare = (rows: readonly Row[]) => Promise<void> | undefined;

/** A store that hands rows out only when whoever opens them is prepared: what another instance made for them has been learned. */
export class PreparedStore extends ForwardingStore {
  readonly #prepare: Prepare;

  constructor(store: Store, prepare: Prepare) {
    super(store);
    this.#prepare = prepare;
  }

  override async read(key: Key): Promise<Row | undefined> {
    return this.#one(await super.read(key));
  }

  override async readById(id: string): Promise<Row | undefined> {
    return this.#one(await super.readById(id));
  }

  override async list(query: ListQuery): Promise<readonly Row[]> {
    return this.#all(await super.list(query));
  }

  override async scan(after: string, limit: number): Promise<readonly Row[]> {
    return this.#all(await super.scan(after, limit));
  }

  override async unfiled(after: string, limit: number): Promise<readonly Row[]> {
    return this.#all(await super.unfiled(after, limit));
  }

  override async claimDue(request: ClaimRequest): Promise<readonly Claimed[]> {
    const claimed = await super.claimDue(request);
    await this.#all(claimed.map(({ row }) => row));
    return claimed;
  }

  override async claim(id: string, lease: Lease): Promise<Claimed | undefined> {
    const claimed = await super.claim(id, lease);
    await this.#one(claimed?.row);
    return claimed;
  }

  async #one(row: Row | undefined): Promise<Row | undefined> {
    if (row) await this.#all([row]);
    return row;
  }

  async #all(rows: readonly Row[]): Promise<readonly Row[]> {
    await this.#prepare(rows);
    return rows;
  }
}
