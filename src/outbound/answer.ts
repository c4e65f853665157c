import type { Client, Dispatcher } from "undici";

/** What a server may send ahead of whoever reads it. Bytes; undici's own measure. */
const MOST_WAITING = 65_536;

type Headers = Readonly<Record<string, string | string[] | undefined>>;

const NONE: Headers = {};
const NOTHING = Buffer.alloc(0);
const DONE = { done: true, value: undefined } as const;

/**
 * An answer as it comes, for one reader. Beside its connection this one object is all that a stream costs which stays open for
 * days: no stream of Node's, no chain of generators, and nothing of the bytes that its headers came in.
 */
export class Answer implements AsyncIterableIterator<Uint8Array>, Dispatcher.DispatchHandler {
  status = 0;
  headers: Headers = {};
  /** Once all of it was read. */
  trailers: Headers = NONE;
  /** Whether all of it was read. */
  isRead = false;
  /** Told of each piece that is read. */
  onPiece: () => void = () => {};
  /** Told once that nobody reads any more; what it answers is waited for. */
  onEnd: (isWhole: boolean) => unknown = () => {};
  #signal: AbortSignal;
  #begun: ((error?: Error) => void) | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #pieces: Uint8Array[] = [];
  #waiting = 0;
  /** It came to its end, or broke. */
  #last: "end" | Error | undefined;
  #wake: (() => void) | undefined;
  #isLeft = false;
  readonly #onLast: () => void;

  private constructor(signal: AbortSignal, begun: (error?: Error) => void, onLast: () => void) {
    this.#signal = signal;
    this.#begun = begun;
    this.#onLast = onLast;
    signal.addEventListener("abort", this, { once: true });
  }

  /**
   * Sends a request; resolves when the answer's headers are here. Rejects with undici's error, or the signal's reason. `onLast`: told
   * with the last byte, before undici does anything with the connection.
   */
  static to(
    client: Client,
    options: Dispatcher.RequestOptions,
    signal: AbortSignal,
    onLast = () => {},
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const answer = new Answer(signal, (error) => (error ? reject(error) : resolve(answer)), onLast);
      client.dispatch(options, answer);
    });
  }

  /** From now on another signal ends it. */
  follow(signal: AbortSignal): void {
    this.#signal.removeEventListener("abort", this);
    this.#signal = signal;
    if (this.#last !== undefined) return;
    if (signal.aborted) this.handleEvent();
    else signal.addEventListener("abort", this, { once: true });
  }

  /** Of the signal. */
  handleEvent(): void {
    this.#controller?.abort(this.#signal.reason);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#signal.aborted) controller.abort(this.#signal.reason);
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: Headers): void {
    // RFC 9110 15.2: another one follows.
    if (status < 200) return;
    controller.rawHeaders = null;
    [this.status, this.headers] = [status, headers];
    this.#begun?.();
    this.#begun = undefined;
  }

  onResponseData(controller: Dispatcher.DispatchController, piece: Uint8Array): void {
    if (this.#isLeft) return;
    this.#pieces.push(piece);
    this.#waiting += piece.length;
    if (this.#waiting >= MOST_WAITING) controller.pause();
    this.#wake?.();
  }

  onResponseEnd(_controller: Dispatcher.DispatchController, trailers: Headers): void {
    this.trailers = trailers;
    this.#onLast();
    this.#over("end");
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    [this.#pieces, this.#waiting] = [[], 0];
    this.#over(error);
    this.#begun?.(error);
    this.#begun = undefined;
  }

  #over(how: "end" | Error): void {
    this.#last = how;
    this.#signal.removeEventListener("abort", this);
    this.#wake?.();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** The next piece. Rejects once, with undici's error or the signal's reason, where the answer breaks off. */
  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    while (this.#pieces.length === 0 && this.#last === undefined && !this.#isLeft) await this.#news();
    const piece = this.#pieces.shift();
    if (piece && !this.#isLeft) return { done: false, value: this.#given(piece) };
    if (this.#isLeft) return DONE;
    const last = this.#last;
    this.isRead = last === "end";
    await this.#leave(this.isRead);
    if (!this.isRead) throw last;
    return DONE;
  }

  #given(piece: Uint8Array): Uint8Array {
    this.#waiting -= piece.length;
    if (this.#waiting < MOST_WAITING && this.#controller?.paused) this.#controller.resume();
    this.onPiece();
    return piece;
  }

  #news(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  /** What is left of it, where it has come to its end already; nobody has to wait for it then. */
  takeWhole(): Uint8Array | undefined {
    if (this.#last !== "end" || this.#isLeft) return undefined;
    const [first, ...more] = this.#pieces;
    this.isRead = true;
    void this.#leave(true);
    return first && more.length === 0 ? first : Buffer.concat([first ?? NOTHING, ...more]);
  }

  /** Nobody reads on. */
  async return(): Promise<IteratorReturnResult<undefined>> {
    if (!this.#isLeft) await this.#leave(false);
    return DONE;
  }

  async #leave(isWhole: boolean): Promise<void> {
    this.#isLeft = true;
    this.#pieces = [];
    this.#wake?.();
    await this.onEnd(isWhole);
  }
}
