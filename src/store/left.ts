import { ForwardingStore } from "./forwarding.ts";
import {
  type Claimed,
  type ClaimRequest,
  type EscrowWrite,
  type Expectation,
  type Filing,
  type Lease,
  type Release,
  type Removal,
  type RowContent,
  type SealExchange,
  type Settlement,
  type Store,
  StoreUnavailable,
} from "./port.ts";

/**
 * A store that can be left: from then on it is read and no more, so what somebody copies of it is all there is. Every refusal is a
 * `StoreUnavailable`, since the same can be asked of the store that takes its place.
 */
export class LeftStore extends ForwardingStore {
  readonly #isLeft: () => boolean;
  readonly #writes = new Set<Promise<unknown>>();

  constructor(store: Store, isLeft: () => boolean) {
    super(store);
    this.#isLeft = isLeft;
  }

  /** Resolves when nothing that was begun before can change it any more. */
  async settled(): Promise<void> {
    while (this.#writes.size > 0) await Promise.allSettled(this.#writes);
  }

  override write(row: RowContent, expect: Expectation): Promise<boolean> {
    return this.#unlessLeft(() => super.write(row, expect));
  }

  override remove(removal: Removal): Promise<boolean> {
    return this.#unlessLeft(() => super.remove(removal));
  }

  override claimDue(request: ClaimRequest): Promise<readonly Claimed[]> {
    return this.#unlessLeft(() => super.claimDue(request));
  }

  override claim(id: string, lease: Lease): Promise<Claimed | undefined> {
    return this.#unlessLeft(() => super.claim(id, lease));
  }

  override renew(id: string, claim: string, milliseconds: number): Promise<boolean> {
    return this.#unlessLeft(() => super.renew(id, claim, milliseconds));
  }

  override escrow(answer: EscrowWrite): Promise<boolean> {
    return this.#unlessLeft(() => super.escrow(answer));
  }

  override settle(settlement: Settlement): Promise<boolean> {
    return this.#unlessLeft(() => super.settle(settlement));
  }

  override release(id: string, claim: string, how: Release): Promise<void> {
    return this.#unlessLeft(() => super.release(id, claim, how));
  }

  override file(filings: readonly Filing[]): Promise<void> {
    return this.#unlessLeft(() => super.file(filings));
  }

  override reseal(exchanges: readonly SealExchange[]): Promise<number> {
    return this.#unlessLeft(() => super.reseal(exchanges));
  }

  async #unlessLeft<T>(write: () => Promise<T>): Promise<T> {
    if (this.#isLeft()) throw new StoreUnavailable("the data have been moved to another database");
    const work = write();
    this.#writes.add(work);
    return work.finally(() => this.#writes.delete(work));
  }
}
