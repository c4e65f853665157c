import { pause } from "../../process/clock.ts";
import { CannotOpen } from "../../seal/port.ts";
import { type Row, type SealExchange, StoreUnavailable } from "../../store/port.ts";
import type { Context } from "../process/context.ts";
import { resealedContent, resealedEscrow, resealedRescue } from "../record/records.ts";
import { eachStored } from "../record/rows.ts";
import { countSeals, isCanary, type Seals } from "./canary.ts";
import { readResealing } from "./data-keys.ts";

/**
 * Sweeps for one reason. What the second finds was written meanwhile; what is left after the last cannot be opened, or
 * another instance has other keys, and the two would go on for ever.
 */
const MOST_SWEEPS = 3;

/** Pause after the store did not answer, milliseconds. */
const PAUSE_MS = 1_000;

/** Records that are exchanged in one transaction. */
const TOGETHER = 64;

interface Counted {
  readonly seals: Seals;
  /** Epoch milliseconds, when the count began. */
  readonly at: number;
}

/** Looks in the background for records under other keys than they would be sealed under now, until none is left. */
export class Resealer {
  readonly #context: Context;
  #latest: Counted | undefined;
  /** Records that were sealed anew since they were counted. */
  #done = 0;
  #running: Promise<void> | undefined;
  #again = false;
  #stopped = false;

  constructor(context: Context) {
    this.#context = context;
  }

  /** There may be some. */
  wake(): void {
    if (this.#hasStopped()) return;
    this.#again = true;
    this.#running ??= this.#run();
  }

  latest(): Counted | undefined {
    return this.#latest;
  }

  /** Records that are left to be sealed anew, by the latest count; undefined when nobody is at it. */
  left(): number | undefined {
    return this.#running && this.#others();
  }

  /** Resolves when nothing is under way any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  /** Counts them; what is written while it counts may be missed. */
  async count(): Promise<Counted> {
    const at = this.#context.clock.now();
    const latest = { seals: await countSeals(this.#context), at };
    this.#latest = latest;
    this.#done = 0;
    this.#tell();
    return latest;
  }

  /** In a store that was left nothing is sealed anew: where its rows have gone to they are. */
  #hasStopped(): boolean {
    return this.#stopped || this.#context.life.handedOver === true;
  }

  async #run(): Promise<void> {
    while (this.#again && !this.#hasStopped()) {
      this.#again = false;
      await this.#work().catch((error: unknown) => this.#failed(error));
    }
    this.#running = undefined;
  }

  async #work(): Promise<void> {
    const { log } = this.#context;
    for (let sweep = 0; sweep < MOST_SWEEPS && !this.#hasStopped(); sweep++) {
      const mark = await readResealing(this.#context);
      await this.count();
      const records = this.#others();
      if (records === 0) {
        // A key that was made since has left another mark.
        if (mark) await this.#context.store.remove({ id: mark.id });
        return sweep > 0 ? log.info("resealed") : undefined;
      }
      log.info("resealing", { records });
      await resealAll(
        this.#context,
        (count) => this.#resealed(count),
        () => this.#hasStopped(),
      );
    }
    log.warn("reseal_incomplete", { records: this.#others() });
  }

  async #failed(error: unknown): Promise<void> {
    const { log, clock } = this.#context;
    log.error("reseal_failed", { message: error instanceof Error ? error.message : "unknown" });
    this.#again = error instanceof StoreUnavailable;
    await pause(clock, PAUSE_MS);
  }

  #resealed(count: number): void {
    this.#done += count;
    this.#context.metrics.resealed(count);
    this.#tell();
  }

  #others(): number {
    return Math.max(0, (this.#latest?.seals.others ?? 0) - this.#done);
  }

  #tell(): void {
    const all = [...(this.#latest?.seals.byKey.values() ?? [])].reduce((sum, count) => sum + count, 0);
    const others = this.#others();
    this.#context.metrics.seals({ first: all - others, others });
  }
}

/**
 * Seals every record under its mount's key that is under another one, by compare-and-set: what is written meanwhile is left
 * alone, and it is sealed under that key anyway. Nothing is remembered of how far it came: whoever begins again looks
 * for what is left. `tell` hears of every record that was exchanged.
 */
async function resealAll(context: Context, tell: (count: number) => void, stopped: () => boolean) {
  const waiting: SealExchange[] = [];
  const exchange = async () => {
    if (waiting.length > 0) tell(await context.store.reseal(waiting.splice(0)));
  };
  const reseal = (row: Row) => {
    waiting.push(...exchangesOf(context, row));
    return waiting.length >= TOGETHER ? exchange() : undefined;
  };
  await eachStored(context, reseal, () => !stopped());
  await exchange();
  if (!stopped()) resealJournal(context, tell);
}

function exchangesOf(context: Context, row: Row): readonly SealExchange[] {
  if (isCanary(row)) return [];
  const { id } = row;
  const content = attempt(() => resealedContent(context, row));
  const answer = attempt(() => resealedEscrow(context, row));
  return [
    ...(content ? [{ id, field: "sealed", from: row.sealed, to: content } as const] : []),
    ...(answer && row.escrow ? [{ id, field: "escrow", from: row.escrow, to: answer } as const] : []),
  ];
}

/** What cannot be opened stays as it is (the seal names it in the log), and its key is kept for it. */
function attempt(reseal: () => Uint8Array | undefined): Uint8Array | undefined {
  try {
    return reseal();
  } catch (error) {
    if (!(error instanceof CannotOpen)) throw error;
    return undefined;
  }
}

function resealJournal(context: Context, tell: (count: number) => void): void {
  const { journal, log } = context;
  for (const [file, entry] of journal.all()) {
    const sealed = entry && attempt(() => resealedRescue(context, entry));
    if (!sealed) continue;
    try {
      journal.replace(file, { ...entry, sealed });
      tell(1);
    } catch (error) {
      log.error("rescue_failed", { file, message: error instanceof Error ? error.message : "unknown" });
    }
  }
}
