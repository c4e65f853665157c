import { Readable } from "node:stream";
import { COMMENT } from "../../mcp/event-stream.ts";
import type { Ticker } from "../app-types.ts";

/** MCP-G1: intermediaries cut what is silent for longer. Milliseconds. */
const SILENCE_MS = 30_000;

const LINE_FEED = 0x0a;

/** An answer that goes on as it comes; one of events says a comment line when it has been silent for long. */
export class AnswerBody extends Readable {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #clock: Pick<Ticker, "after"> | undefined;
  #cancel = () => {};
  /** A comment in the middle of a line would be a part of it. */
  #isBetweenLines = true;

  /** `clock`: of a stream of events. */
  constructor(body: AsyncIterable<Uint8Array>, clock?: Pick<Ticker, "after">) {
    super({ highWaterMark: 16_384 });
    this.#chunks = body[Symbol.asyncIterator]();
    this.#clock = clock;
    this.#listen();
  }

  override _read(): void {
    this.#chunks.next().then(
      ({ done, value }) => {
        if (done) return this.push(null);
        this.#isBetweenLines = value.at(-1) === LINE_FEED;
        this.#listen();
        return this.push(value);
      },
      (error: unknown) => this.destroy(error instanceof Error ? error : new Error("broken")),
    );
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#cancel();
    // Whoever has left does not wait for what is still to come.
    void Promise.resolve(this.#chunks.return?.()).catch(() => {});
    callback(error);
  }

  #listen(): void {
    this.#cancel();
    if (!this.#clock) return;
    this.#cancel = this.#clock.after(SILENCE_MS, () => {
      if (this.#isBetweenLines) this.push(COMMENT);
      this.#listen();
    });
  }
}
