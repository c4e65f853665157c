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
  type NamesQuery,
  type Release,
  type Removal,
  type Revisions,
  type Row,
  type RowContent,
  type SealExchange,
  type Settlement,
  type Store,
  type StoreLoad,
  StoreUnavailable,
} from "../../src/store/port.ts";
import type { Random } from "../faults/random.ts";
import type { Process } from "./process.ts";
import type { Timeline } from "./timeline.ts";

/** `read-only` is a full disk or a standby. */
export type StoreMood = "well" | "gone" | "read-only" | "loses answers";

/** What everybody's store is like, and whom the network keeps from it. */
export interface StoreWeather {
  mood: StoreMood;
  readonly cutOff: Set<string>;
}

/** Sees what is durable the moment it is. */
export interface Witness {
  stored(row: RowContent, by: Process): void;
  escrowed(id: string, sealed: Uint8Array): void;
  claimed(rows: readonly Claimed[], process: Process): void;
}

export interface Wire {
  readonly timeline: Timeline;
  readonly random: Random;
  readonly process: Process;
  readonly weather: StoreWeather;
  readonly witness: Witness;
  /** Nobody else has this store: it is a file, and its lock is held. */
  readonly alone: boolean;
}

/** How long a statement is on its way. Milliseconds. */
const LONGEST_WAY = 8;

/** A lost answer is noticed after so long. Milliseconds. */
const LONGEST_SILENCE = 3_000;

/** The real store, as far away as a network: it can be down, it can lose an answer, and it outlives whoever asked. */
export class StorePort implements Store {
  readonly #real: Store;
  readonly #wire: Wire;

  constructor(real: Store, wire: Wire) {
    this.#real = real;
    this.#wire = wire;
  }

  #ask<T>(kind: "read" | "write", statement: () => Promise<T>): Promise<T> {
    const { timeline, random, process } = this.#wire;
    return new Promise((resolve, reject) => {
      timeline.at(random.between(0, LONGEST_WAY), async () => {
        // What was sent by somebody who died meanwhile may have got through, or not.
        if (!process.alive && random.next() < 0.5) return;
        if (this.#isDown(kind)) return process.resume(() => reject(new StoreUnavailable("the store is away")));
        const answer = await statement().then(
          (value) => () => resolve(value),
          (error) => () => reject(error),
        );
        if (kind === "read" || !this.#losesAnswer()) return process.resume(answer);
        const lost = () => process.resume(() => reject(new StoreUnavailable("the answer was lost")));
        timeline.at(random.between(0, LONGEST_SILENCE), lost);
      });
    });
  }

  #isDown(kind: "read" | "write"): boolean {
    const { weather, process, timeline } = this.#wire;
    const cutOff = weather.cutOff.has(process.name);
    const down = cutOff || weather.mood === "gone" || (weather.mood === "read-only" && kind === "write");
    if (down) process.hinderedAt = timeline.now;
    return down;
  }

  #losesAnswer(): boolean {
    const { weather, random, process, timeline } = this.#wire;
    if (weather.mood !== "loses answers" || random.next() < 0.7) return false;
    process.hinderedAt = timeline.now;
    return true;
  }

  read(key: Key): Promise<Row | undefined> {
    return this.#ask("read", () => this.#real.read(key));
  }

  readById(id: string): Promise<Row | undefined> {
    return this.#ask("read", () => this.#real.readById(id));
  }

  list(query: ListQuery): Promise<readonly Row[]> {
    return this.#ask("read", () => this.#real.list(query));
  }

  names(query: NamesQuery): Promise<readonly string[]> {
    return this.#ask("read", () => this.#real.names(query));
  }

  count(query: CountQuery): Promise<number> {
    return this.#ask("read", () => this.#real.count(query));
  }

  unfiled(after: string, limit: number): Promise<readonly Row[]> {
    return this.#ask("read", () => this.#real.unfiled(after, limit));
  }

  file(filings: readonly Filing[]): Promise<void> {
    return this.#ask("write", () => this.#real.file(filings));
  }

  write(row: RowContent, expect: Expectation): Promise<boolean> {
    return this.#ask("write", async () => {
      const written = await this.#real.write(row, expect);
      if (written) this.#wire.witness.stored(row, this.#wire.process);
      return written;
    });
  }

  /** A hint; nobody waits for one here. */
  async announce(): Promise<void> {}

  remove(removal: Removal): Promise<boolean> {
    return this.#ask("write", () => this.#real.remove(removal));
  }

  claimDue(request: ClaimRequest): Promise<readonly Claimed[]> {
    return this.#ask("write", async () => {
      const claimed = await this.#real.claimDue(request);
      this.#wire.witness.claimed(claimed, this.#wire.process);
      return claimed;
    });
  }

  claim(id: string, lease: Lease): Promise<Claimed | undefined> {
    return this.#ask("write", async () => {
      const claimed = await this.#real.claim(id, lease);
      if (claimed) this.#wire.witness.claimed([claimed], this.#wire.process);
      return claimed;
    });
  }

  renew(id: string, claim: string, milliseconds: number): Promise<boolean> {
    return this.#ask("write", () => this.#real.renew(id, claim, milliseconds));
  }

  escrow(answer: EscrowWrite): Promise<boolean> {
    return this.#ask("write", async () => {
      const kept = await this.#real.escrow(answer);
      if (kept) this.#wire.witness.escrowed(answer.id, answer.sealed);
      return kept;
    });
  }

  settle(settlement: Settlement): Promise<boolean> {
    return this.#ask("write", async () => {
      const settled = await this.#real.settle(settlement);
      if (settled) this.#wire.witness.stored(settlement.row, this.#wire.process);
      return settled;
    });
  }

  release(id: string, claim: string, how: Release): Promise<void> {
    return this.#ask("write", () => this.#real.release(id, claim, how));
  }

  revisions(ids: readonly string[]): Promise<Revisions> {
    return this.#ask("read", () => this.#real.revisions(ids));
  }

  look(): Promise<Look> {
    return this.#ask("read", () => this.#real.look());
  }

  get alone(): boolean {
    return this.#wire.alone;
  }

  /** With several on one database a start proves nobody dead. */
  recover(): Promise<void> {
    return this.#ask("write", () => (this.#wire.alone ? this.#real.recover() : Promise.resolve()));
  }

  watch(): () => void {
    return () => {};
  }

  scan(after: string, limit: number): Promise<readonly Row[]> {
    return this.#ask("read", () => this.#real.scan(after, limit));
  }

  reseal(exchanges: readonly SealExchange[]): Promise<number> {
    return this.#ask("write", () => this.#real.reseal(exchanges));
  }

  load(): Promise<StoreLoad> {
    return this.#ask("read", () => this.#real.load());
  }

  progress(): Promise<number> {
    return this.#ask("read", () => this.#real.progress());
  }

  fill(rows: AsyncIterable<Row>, progress: number): Promise<boolean> {
    return this.#ask("write", () => this.#real.fill(rows, progress));
  }

  now(): Promise<number> {
    return this.#ask("read", () => this.#real.now());
  }

  check(): Promise<void> {
    return this.#ask("write", () => this.#real.check());
  }

  async close(): Promise<void> {}
}
