import { isAnswer, type Message } from "../../../mcp/message.ts";
import type { Ended, Sending } from "./bridge-types.ts";
import type { Sink } from "./exchange.ts";
import { BOTH_TYPES } from "./modern-server.ts";
import { refusalTrouble, type Upstream } from "./upstream.ts";

/** HTTP+SSE of 2024-11-05: everything is posted to an address that a stream names first, and comes back by that stream. */
export class OldTransport {
  readonly #upstream: Upstream;
  readonly #outside: Sink;
  readonly #over = new AbortController();
  readonly #waiting = new Map<unknown, { readonly sink: Sink; readonly done: (ended: Ended) => void }>();
  #endpoint: string | undefined;

  constructor(upstream: Upstream, outside: Sink) {
    this.#upstream = upstream;
    this.#outside = outside;
  }

  /** Whether the server has this transport. */
  open(signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      signal.addEventListener("abort", () => resolve(false), { once: true });
      const onEvent = (name: string, data: string) => {
        if (name !== "endpoint" || this.#endpoint !== undefined) return;
        this.#endpoint = data;
        resolve(true);
      };
      const call = { method: "GET", headers: { accept: "text/event-stream" }, signal: this.#over.signal } as const;
      const stream = this.#upstream.send({ call, sink: (message, line) => this.#come(message, line), onEvent });
      const ended = () => {
        resolve(false);
        this.#end();
      };
      stream.then(ended, ended);
    });
  }

  async #come(message: Message, line: string): Promise<void> {
    const waiting = isAnswer(message) ? this.#waiting.get(message.id) : undefined;
    await (waiting?.sink ?? this.#outside)(message, line);
    if (!waiting) return;
    this.#waiting.delete(message.id);
    waiting.done({ is: "answered" });
  }

  #end(): void {
    const message = `${this.#upstream.options.server} ended its stream: what was asked may have been carried out or not`;
    for (const { done } of this.#waiting.values())
      done({ is: "trouble", trouble: { reason: "stream_broken", message } });
    this.#waiting.clear();
  }

  request({ request, text, sink, signal }: Sending): Promise<Ended> {
    return new Promise((resolve, reject) => {
      this.#waiting.set(request.id, { sink, done: resolve });
      signal.addEventListener("abort", () => {
        this.#waiting.delete(request.id);
        reject(signal.reason);
      });
      void this.#post(text).then((problem) => {
        if (!problem) return;
        this.#waiting.delete(request.id);
        resolve(problem);
      }, reject);
    });
  }

  async post(text: string): Promise<void> {
    await this.#post(text);
  }

  async #post(text: string): Promise<Ended | undefined> {
    const url = this.#endpoint ?? "";
    const call = { method: "POST", headers: BOTH_TYPES, body: text, url, signal: this.#over.signal } as const;
    const outcome = await this.#upstream.send({ call, sink: this.#outside });
    if (outcome.is === "done") return undefined;
    if (outcome.is !== "refused") return outcome;
    return { is: "trouble", trouble: refusalTrouble(this.#upstream.options.server, outcome) };
  }

  close(): void {
    this.#over.abort();
  }
}
