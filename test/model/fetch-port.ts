import type { Fetch, FetchInit } from "../../src/protocol/client.ts";
import { TransportError } from "../../src/protocol/response/transport-error.ts";
import type { Process } from "./process.ts";
import type { Provider } from "./provider.ts";
import { RECEIVER, type Receiver } from "./receiver.ts";

/** How long a connection takes to stand. Milliseconds. */
const LONGEST_CONNECT = 60;

/** One request on a connection of its own, from the process that made it to the provider. */
export class Exchange {
  readonly process: Process;
  readonly path: string;
  readonly form: URLSearchParams;
  /** The connection has ended, one way or the other. */
  closed = false;
  /** Told when the connection ends; `gone`: it was the process that ended it. */
  onClosed = (_gone: boolean) => {};
  /** Told what the process was given, when it goes on with it. */
  onHeard = (_what: string) => {};
  readonly #resolve: (response: Response) => void;
  readonly #reject: (error: TransportError) => void;
  readonly #forget: () => void;
  #over = false;

  constructor(
    process: Process,
    path: string,
    form: URLSearchParams,
    end: { resolve: (response: Response) => void; reject: (error: TransportError) => void },
  ) {
    this.process = process;
    this.path = path;
    this.form = form;
    this.#resolve = end.resolve;
    this.#reject = end.reject;
    this.#forget = process.connection(() => this.#hangUp());
  }

  /** The provider's answer is on the process's side of the network. */
  answer(status: number, body: string, headers: Readonly<Record<string, string>> = {}): void {
    if (!this.#close(false)) return;
    this.process.resume(() =>
      this.#goOn(heardIn(status, body), () => this.#resolve(new Response(body, { status, headers }))),
    );
  }

  /** The connection breaks. */
  break(): void {
    if (!this.#close(false)) return;
    this.process.resume(() => this.fail("reset", true));
  }

  fail(code: "reset" | "timeout" | "unreachable" | "aborted", sent: boolean): void {
    this.#goOn("nothing", () => this.#reject(new TransportError(code, sent)));
    this.#hangUp();
  }

  get over(): boolean {
    return this.#over;
  }

  #goOn(heard: string, goOn: () => void): void {
    if (this.#over) return;
    this.#over = true;
    this.onHeard(heard);
    goOn();
  }

  #close(gone: boolean): boolean {
    if (this.closed) return false;
    this.closed = true;
    this.#forget();
    this.onClosed(gone);
    return true;
  }

  #hangUp(): void {
    this.#close(true);
  }
}

/** `tokens`, an OAuth error, or the status. */
function heardIn(status: number, body: string): string {
  if (!body.startsWith("{")) return `status ${status}`;
  const { error } = JSON.parse(body);
  if (status === 429 || status === 503) return `status ${status}`;
  return typeof error === "string" ? error : "tokens";
}

/** The door of one process to the provider, in place of the guarded fetch: the same promises, without a network. */
export function fetchPort(process: Process, provider: Provider, receiver: Receiver): Fetch {
  return (url, init = {}) =>
    new Promise((resolve, reject) => {
      const form = new URLSearchParams(String(init.body ?? ""));
      const exchange = new Exchange(process, new URL(url).pathname, form, { resolve, reject });
      if (init.signal?.aborted) return exchange.fail("aborted", false);
      let sent = false;
      init.signal?.addEventListener("abort", () => exchange.fail("timeout", sent), { once: true });
      provider.timeline.at(provider.random.between(0, LONGEST_CONNECT), () => {
        process.resume(() => {
          sent = url === RECEIVER.url ? tell(receiver, provider, exchange, init) : connect(provider, exchange, init);
        });
      });
    });
}

/** True when the request was written. */
function connect(provider: Provider, exchange: Exchange, { maySend = () => true }: FetchInit): boolean {
  if (exchange.over) return false;
  const reachable = provider.mood !== "down";
  if (reachable && maySend()) {
    provider.receive(exchange);
    return true;
  }
  exchange.fail(reachable ? "aborted" : "unreachable", false);
  return false;
}

/** The same for the operator's endpoint, which is never down. */
function tell(
  receiver: Receiver,
  { random }: Provider,
  exchange: Exchange,
  { maySend = () => true, ...init }: FetchInit,
) {
  if (exchange.over) return false;
  if (!maySend()) {
    exchange.fail("aborted", false);
    return false;
  }
  const id = new Headers(init.headers).get("webhook-id") ?? "";
  receiver.receive(exchange, String(init.body), id, random);
  return true;
}
