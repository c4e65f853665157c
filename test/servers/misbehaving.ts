import type { IncomingMessage, ServerResponse } from "node:http";
import type { Proper } from "../../src/dev/proper.ts";
import type { Listening, ReceivedRequest } from "../../src/dev/server.ts";
import type { IdTokens } from "./id-tokens.ts";
import type { TokenModel } from "./token-model.ts";

/** One answer to one request, well or badly behaved. */
export type Fault = (exchange: Exchange) => void | Promise<void>;

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly form: URLSearchParams;
  /** What the server would have answered; commits what a good answer commits. */
  proper(): Proper;
}

export interface RecordedRequest extends ReceivedRequest {
  /** Of the clock the server was given, milliseconds. */
  readonly at: number;
}

/** A server that answers properly until it is told otherwise. */
export interface FaultyServer extends Listening {
  /** Everything that was asked, oldest first. */
  readonly requests: readonly RecordedRequest[];
  /** Requests to one path. */
  to(path: string): readonly RecordedRequest[];
  /** The next answers of a path; the last one stays. */
  reply(path: string, ...faults: readonly [Fault, ...Fault[]]): void;
  /** Back to good behaviour. */
  behave(path?: string): void;
  /** Requests that are answered late or never: their answers have been begun or withheld, and not ended. */
  readonly holding: ReadonlySet<ServerResponse>;
}

export interface Misbehaving extends FaultyServer {
  readonly issuer: string;
  readonly tokens: TokenModel;
  readonly idTokens: IdTokens;
  /** Members merged over the metadata document. */
  metadata: Record<string, unknown>;
}
