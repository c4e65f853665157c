import { BEGINNING, Chain, type ChainEnd, type Signer } from "./chain.ts";
import { lineOf } from "./lines.ts";
import { type Done, Outbox, type OutboxParts } from "./outbox.ts";
import { leftIn } from "./resume.ts";
import type { Salted } from "./salted.ts";
import type { Sink } from "./sink.ts";

/** What was seen of a chain, kept outside of the device. */
export interface Heads {
  last(): ChainEnd | undefined;
  /** Throws an error of the system. */
  keep(end: ChainEnd): void;
}

interface DeviceParts extends Pick<OutboxParts, "name" | "clock" | "log" | "onChange"> {
  readonly salted: Salted;
  /** Before each line. */
  readonly prefix: string;
  /** Lists are told by how many names they have. */
  readonly elidesLists: boolean;
  readonly signer: Signer;
  readonly heads: Heads;
  /** `tail`: the end of what is there already. Throws. */
  open(): { readonly sink: Sink; readonly tail?: Uint8Array };
}

/** A chain is signed so long after its first line that is not. Milliseconds. */
const HEAD_MS = 60_000;
/** Lines that are left at the end are waited for so long. Milliseconds. */
const CLOSE_MS = 2_000;

/** One place that lines go to, as a chain that goes on where it ended. */
export class Device {
  readonly #parts: DeviceParts;
  readonly #outbox: Outbox;
  /** Absent until it was opened once. */
  #chain: Chain | undefined;
  #cancelHead: (() => void) | undefined;

  constructor(parts: DeviceParts) {
    this.#parts = parts;
    const { name, clock, log, onChange } = parts;
    this.#outbox = new Outbox({ name, clock, log, onChange, open: () => this.#open() });
  }

  get name(): string {
    return this.#parts.name;
  }

  get salted(): Salted {
    return this.#parts.salted;
  }

  get elidesLists(): boolean {
    return this.#parts.elidesLists;
  }

  /** Why it takes nothing, while it does not. */
  get problem(): string | undefined {
    return this.#outbox.problem;
  }

  /** `done`: its first line was taken, or was not. */
  start(done: Done): void {
    this.#outbox.start(done);
  }

  /** `rests`: see `Chain.link`. */
  append(rests: readonly string[], done: Done): void {
    const { problem } = this.#outbox;
    const chain = this.#chain;
    if (problem !== undefined || !chain) {
      done(problem ?? "it is not open");
      return;
    }
    for (const rest of rests) this.#write(chain.link(rest));
    this.#cancelHead ??= this.#parts.clock.after(HEAD_MS, () => this.#head(chain));
    this.#outbox.wait(done);
  }

  /** Goes on in the file that has its name now. */
  reopen(): void {
    this.#outbox.reopen();
  }

  /** Signs what it has, and ends. */
  async close(): Promise<void> {
    const chain = this.#chain;
    if (chain && this.#outbox.isOpen && this.#outbox.problem === undefined) {
      await new Promise<void>((resolve) => {
        const cancel = this.#parts.clock.after(CLOSE_MS, resolve);
        this.#head(chain, () => {
          cancel();
          resolve();
        });
      });
    }
    this.#cancelHead?.();
    this.#outbox.close();
  }

  #open(): Sink {
    const { sink, tail = new Uint8Array() } = this.#parts.open();
    if (this.#chain) return sink;
    try {
      this.#begin(tail);
      return sink;
    } catch (error) {
      sink.close();
      throw error;
    }
  }

  /** Behind what is there, or what was signed last where less is there. */
  #begin(tail: Uint8Array): void {
    const { heads, log, name, clock } = this.#parts;
    const { end, half, isUnended } = leftIn(tail);
    const known = heads.last();
    const isCut = end !== undefined && known !== undefined && end.line < known.line;
    if (isCut) log.error("audit_cut", { device: name, line: end.line, signed: known.line });
    const chain = new Chain((isCut ? known : (end ?? known)) ?? BEGINNING);
    if (half) log.warn("audit_half_line", { device: name, bytes: half.bytes });
    if (half || isUnended) this.#outbox.add("\n");
    this.#write(chain.link(lineOf("start", clock.now(), { device: name, half })));
    this.#chain = chain;
  }

  #write(line: string): void {
    this.#outbox.add(`${this.#parts.prefix}${line}\n`);
  }

  #head(chain: Chain, done: Done = () => {}): void {
    this.#cancelHead?.();
    this.#cancelHead = undefined;
    const { clock, signer, heads, log, name } = this.#parts;
    this.#write(chain.head(clock.now(), signer));
    const { end } = chain;
    this.#outbox.wait((problem) => {
      if (problem === undefined) {
        log.info("audit_head", { device: name, line: end.line, hash: end.hash });
        try {
          heads.keep(end);
        } catch (error) {
          // The log has it as well; the lines go on without a file beside the store.
          log.error("audit_head_not_kept", { device: name, cause: error instanceof Error ? error.message : "unknown" });
        }
      }
      done(problem);
    });
  }
}
