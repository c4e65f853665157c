import type { Clock } from "../process/clock.ts";
import type { Log } from "../process/log.ts";
import { HANGS, type Sink } from "./sink.ts";

/** Whoever waits for lines is told why they were not taken, or nothing. */
export type Done = (problem: string | undefined) => void;

export interface OutboxParts {
  readonly name: string;
  readonly clock: Clock;
  readonly log: Log;
  /** For the first time, and again. Throws. */
  open(): Sink;
  /** It takes lines again, or takes none any more. */
  onChange(): void;
}

/** What takes nothing for so long blocks. Milliseconds. */
const PATIENCE_MS = 5_000;
/** How soon it is tried again; and a pipe that is full for the moment. Milliseconds. */
const RETRY_MS = 1_000;
const FULL_MS = 20;
/** Lines that wait, in UTF-16 units: what is so far behind takes nothing more. */
const MOST_WAITING = 16_777_216;

const CLOSED = "it was closed";

/** Turns of the event loop that lines are gathered for, at most. */
const MOST_TURNS = 4;

interface Batch {
  readonly bytes: Buffer;
  taken: number;
  waiters: readonly Done[];
}

/**
 * Texts on their way, in order, each once: those of one turn of the event loop in one write, and those that came meanwhile in the
 * next. When nothing takes them whoever waits is told, and they are kept until something does.
 */
export class Outbox {
  readonly #parts: OutboxParts;
  #sink: Sink | undefined;
  #waiting = "";
  #waiters: Done[] = [];
  #batch: Batch | undefined;
  #isWriting = false;
  #isSoon = false;
  #wantsReopen = false;
  #isClosed = false;
  #problem: string | undefined;
  #cancelLimit = () => {};
  #cancelRetry = () => {};

  constructor(parts: OutboxParts) {
    this.#parts = parts;
  }

  /** Why it takes nothing, while it does not. */
  get problem(): string | undefined {
    return this.#problem ?? (this.#waiting.length > MOST_WAITING ? "it cannot keep up" : undefined);
  }

  get isOpen(): boolean {
    return this.#sink !== undefined;
  }

  /** Where that fails it is tried again, and blocks until then. */
  start(done: Done): void {
    try {
      this.#sink = this.#parts.open();
      this.wait(done);
    } catch (error) {
      this.#fail(messageOf(error));
      done(this.#problem);
    }
  }

  add(text: string): void {
    this.#waiting += text;
  }

  /** For all that was added. */
  wait(done: Done): void {
    this.#waiters.push(done);
    if (!this.#isSoon && !this.#batch) this.#gather(MOST_TURNS);
  }

  reopen(): void {
    this.#wantsReopen = true;
    if (!this.#isWriting) this.#next();
  }

  /** Whoever still waits, or comes later, is told. */
  close(): void {
    this.#isClosed = true;
    this.#cancelRetry();
    this.#cancelLimit();
    this.#problem = CLOSED;
    // A descriptor that is still written to must not become another file's.
    if (this.#isWriting) this.#sink?.abort?.();
    else this.#leaveSink();
    for (const done of this.#takeWaiters()) done(CLOSED);
  }

  #leaveSink(): void {
    this.#sink?.close();
    this.#sink = undefined;
  }

  #takeWaiters(): readonly Done[] {
    const waiters = [...(this.#batch?.waiters ?? []), ...this.#waiters];
    if (this.#batch) this.#batch.waiters = [];
    this.#waiters = [];
    return waiters;
  }

  /** One write costs as much as twenty lines: where each turn of the event loop brings more of them, it waits for some turns. */
  #gather(turns: number): void {
    this.#isSoon = true;
    const before = this.#waiters.length;
    setImmediate(() => {
      this.#isSoon = false;
      if (turns > 1 && this.#waiters.length > before) this.#gather(turns - 1);
      else this.#next();
    });
  }

  #next(): void {
    if (this.#isWriting) return;
    if (this.#wantsReopen) this.#reopen();
    if (!this.#sink) return;
    this.#batch ??= this.#nextBatch();
    if (!this.#batch) return;
    const { bytes, taken } = this.#batch;
    this.#isWriting = true;
    this.#sink.write(bytes.subarray(taken), (error, more) => this.#written(error, more));
  }

  #nextBatch(): Batch | undefined {
    if (this.#waiting === "") return undefined;
    const batch = { bytes: Buffer.from(this.#waiting), taken: 0, waiters: this.#waiters };
    this.#waiting = "";
    this.#waiters = [];
    this.#limit();
    return batch;
  }

  /** A connection that hangs may do so for as long as TCP waits: it is ended, and another one is tried (ST-126). */
  #limit(): void {
    this.#cancelLimit();
    this.#cancelLimit = this.#parts.clock.after(PATIENCE_MS, () => {
      this.#sink?.abort?.();
      this.#fail(HANGS);
    });
  }

  #written(error: (Error & { readonly code?: string }) | undefined, more: number): void {
    this.#isWriting = false;
    const batch = this.#batch;
    if (this.#isClosed) this.#leaveSink();
    if (!batch || this.#isClosed) return;
    batch.taken += more;
    if (batch.taken === batch.bytes.length) this.#taken(batch);
    else if (error?.code === "EAGAIN" || (!error && more === 0)) this.#again(FULL_MS);
    else if (error && !this.#wantsReopen) this.#fail(messageOf(error));
    else this.#next();
  }

  #taken({ waiters }: Batch): void {
    this.#cancelLimit();
    this.#batch = undefined;
    if (this.#problem !== undefined) {
      this.#problem = undefined;
      this.#parts.log.warn("audit_restored", { device: this.#parts.name });
      this.#parts.onChange();
    }
    for (const done of waiters) done(undefined);
    if (this.#wantsReopen) this.#next();
    else if (this.#waiting !== "" && !this.#isSoon) this.#gather(MOST_TURNS);
  }

  /** What it has is kept; whoever waits is told. */
  #fail(problem: string): void {
    const waiters = this.#takeWaiters();
    this.#cancelLimit();
    const isNews = this.#problem === undefined;
    this.#problem = problem;
    if (isNews) {
      this.#parts.log.error("audit_blocked", { device: this.#parts.name, cause: problem });
      this.#parts.onChange();
    }
    for (const done of waiters) done(problem);
    this.#again(RETRY_MS);
  }

  #again(milliseconds: number): void {
    this.#cancelRetry();
    if (!this.#isClosed) this.#cancelRetry = this.#parts.clock.after(milliseconds, () => this.#retry());
  }

  #retry(): void {
    if (this.#isWriting || this.#isClosed) return;
    try {
      if (!this.#sink) this.#sink = this.#parts.open();
      else if (this.#sink.isStream && this.#problem !== undefined) {
        this.#exchange();
        this.#limit();
      }
      this.#next();
    } catch (error) {
      this.#fail(messageOf(error));
    }
  }

  #reopen(): void {
    this.#wantsReopen = false;
    try {
      if (this.#sink) this.#exchange();
    } catch (error) {
      this.#parts.log.error("audit_reopen_failed", { device: this.#parts.name, cause: messageOf(error) });
    }
  }

  /** Another file begins with a whole line, and so does another connection, which may not have had what was written last. */
  #exchange(): void {
    const sink = this.#parts.open();
    const batch = this.#batch;
    if (batch && sink.isStream) batch.taken = 0;
    else if (batch && batch.taken > 0 && sink.identity !== this.#sink?.identity)
      batch.taken = batch.bytes.lastIndexOf(0x0a, batch.taken - 1) + 1;
    this.#sink?.close();
    this.#sink = sink;
  }
}

/** What the system says, without what else is in an error. */
function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : "unknown";
}
