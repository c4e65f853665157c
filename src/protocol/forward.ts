import type { Reach } from "./client.ts";

/** One request that is passed on, streaming both ways. */
export interface ForwardRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | AsyncIterable<Uint8Array>;
  /** Ends the exchange whenever it aborts. */
  readonly signal: AbortSignal;
  /** Whoever shares this shares a few connections. */
  readonly lane: string;
  /** What naming its API server allows. */
  readonly reach?: Reach;
  /** Somebody without a token named the host: only public addresses are reached. */
  readonly stranger?: boolean;
}

export interface Forwarded {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** As it comes; breaks with an error when the other side does. */
  readonly body: AsyncIterable<Uint8Array>;
  /** All of the body, where it has come already: then it is read. */
  takeWhole?(): Uint8Array | undefined;
  /** Must be called by whoever does not read the body to its end. */
  cancel(): Promise<void>;
}

/** Passes a request on through the guard of all requests; rejects with `TransportError` only. */
export type Forward = (url: string, request: ForwardRequest) => Promise<Forwarded>;
