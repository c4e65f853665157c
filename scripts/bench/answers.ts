const NONE = Buffer.alloc(0);

/** How the rest of an answer is measured (RFC 9112 section 6.3). */
type Framing = "head" | "length" | "chunks" | "trailer" | "close";

/** The answers on one connection, one after the other; their bodies are counted and thrown away. */
export class Answers {
  #held: Buffer = NONE;
  #framing: Framing = "head";
  #left = 0;
  #status = 0;
  /** Whether the server ends the connection after this answer. */
  closes = false;

  /** Its status once an answer is complete, else undefined. */
  take(bytes: Buffer): number | undefined {
    this.#held = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    if (this.#framing === "head" && !this.#readHead()) return undefined;
    const complete = this.#framing === "length" ? this.#skip() : this.#framing !== "close" && this.#skipChunks();
    return complete ? this.#complete() : undefined;
  }

  /** The connection was ended: the status of an answer that lasts until then. */
  end(): number | undefined {
    return this.#framing === "close" ? this.#complete() : undefined;
  }

  #complete(): number {
    this.#framing = "head";
    return this.#status;
  }

  #readHead(): boolean {
    const end = this.#held.indexOf("\r\n\r\n");
    if (end === -1) return false;
    const head = this.#held.toString("latin1", 0, end);
    this.#held = this.#held.subarray(end + 4);
    this.#status = Number(head.slice(9, 12));
    this.closes = /\r\nconnection: close/i.test(head);
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    const isChunked = /\r\ntransfer-encoding: *chunked/i.test(head);
    const isEmpty = this.#status === 204 || this.#status === 304;
    this.#left = isChunked || isEmpty ? 0 : Number(length ?? 0);
    if (isChunked) this.#framing = "chunks";
    else this.#framing = isEmpty || length !== undefined ? "length" : "close";
    return true;
  }

  /** Passes what is left to pass; answers whether that was all. */
  #skip(): boolean {
    const some = Math.min(this.#left, this.#held.length);
    this.#left -= some;
    this.#held = some === this.#held.length ? NONE : this.#held.subarray(some);
    return this.#left === 0;
  }

  #skipChunks(): boolean {
    while (this.#skip()) {
      const end = this.#held.indexOf("\r\n");
      if (end === -1) return false;
      const line = this.#held.toString("latin1", 0, end);
      this.#held = this.#held.subarray(end + 2);
      if (this.#framing === "trailer") {
        if (line === "") return true;
        continue;
      }
      const size = Number.parseInt(line, 16);
      if (size === 0) this.#framing = "trailer";
      else this.#left = size + 2;
    }
    return false;
  }
}
