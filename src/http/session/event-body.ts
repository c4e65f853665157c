import type { FastifyReply } from "fastify";
import { COMMENT } from "../../mcp/event-stream.ts";
import type { Ticker, VaultApp } from "../app-types.ts";

/** MCP-G1: intermediaries cut what is silent for longer. Milliseconds. */
const SILENCE_MS = 30_000;

/** So long the head waits for what comes first, which may be nothing that can be passed on. Milliseconds. */
const FIRST_SILENCE_MS = 1_000;

const LINE_FEED = 0x0a;

type Response = FastifyReply["raw"];

/**
 * An answer that goes on as it comes; one of events says a comment line when it has been silent for long. No stream of Node's: with
 * what Fastify hangs on each, that were a fifth of all that a stream holds which stays open.
 */
export class AnswerBody {
  readonly #pieces: AsyncIterator<Uint8Array>;
  readonly #clock: Pick<Ticker, "after"> | undefined;
  #response: Response | undefined;
  /** Until the head is sent. */
  #begin: { readonly writeHead: () => void; readonly refuse: (error: Error) => void } | undefined;
  #cancel = () => {};
  /** A comment in the middle of a line would be a part of it. */
  #isBetweenLines = true;
  #isReading = false;
  #isOver = false;

  /** `clock`: of a stream of events. */
  constructor(body: AsyncIterable<Uint8Array>, clock?: Pick<Ticker, "after">) {
    this.#pieces = body[Symbol.asyncIterator]();
    this.#clock = clock;
  }

  /** By this Fastify knows that it goes on as it comes; `sendAsItComes` takes it before anybody calls it. */
  pipe(): never {
    throw new Error("no stream of Node's");
  }

  /** Sends the head with the first piece, and a comment where none comes. `refuse` is told what breaks before that. */
  sendTo(response: Response, writeHead: () => void, refuse: (error: Error) => void): void {
    this.#response = response;
    this.#begin = { writeHead, refuse };
    response.once("close", () => this.destroy()).on("drain", () => this.#read());
    this.#listen(FIRST_SILENCE_MS);
    this.#read();
  }

  #write(piece: Uint8Array | string): boolean {
    this.#begin?.writeHead();
    this.#begin = undefined;
    return this.#response?.write(piece) === true;
  }

  #read(): void {
    if (this.#isReading) return;
    this.#isReading = true;
    this.#pieces.next().then(
      (next) => this.#take(next),
      (error: Error) => this.#broken(error),
    );
  }

  #broken(error: Error): void {
    if (this.#isOver) return;
    this.#cancel();
    if (this.#begin) this.#begin.refuse(error);
    else this.#response?.destroy();
  }

  #take({ done, value }: IteratorResult<Uint8Array>): void {
    this.#isReading = false;
    if (this.#isOver || !this.#response) return;
    if (done) {
      // Its reader may take long for the rest, and behind the end nothing may be written.
      this.#cancel();
      this.#begin?.writeHead();
      this.#response.end();
      return;
    }
    this.#isBetweenLines = value.at(-1) === LINE_FEED;
    this.#listen();
    // Else when what was written has gone.
    if (this.#write(value)) this.#read();
  }

  /** Whoever has left does not wait for what is still to come. */
  destroy(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancel();
    void Promise.resolve(this.#pieces.return?.()).catch(() => {});
  }

  #listen(milliseconds = SILENCE_MS): void {
    this.#cancel();
    if (!this.#clock || this.#isOver) return;
    this.#cancel = this.#clock.after(milliseconds, () => {
      if (this.#isBetweenLines) this.#write(COMMENT);
      this.#listen();
    });
  }
}

/** Hook, the last one before an answer is sent. */
export function sendAsItComes(app: VaultApp): void {
  app.addHook("onSend", (_request, reply, payload, done) => {
    if (!(payload instanceof AnswerBody)) {
      done(null, payload);
      return;
    }
    const { raw } = reply;
    const headers = Object.entries(reply.getHeaders());
    const flat = headers.flatMap(([name, value]) => (value === undefined ? [] : [name, value]));
    const writeHead = () => void raw.writeHead(reply.statusCode, flat);
    payload.sendTo(raw, writeHead, (error) => done(error));
  });
}
