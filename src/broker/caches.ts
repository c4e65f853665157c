import { LRUCache } from "lru-cache";
import type { Issued } from "../credential/index.ts";
import type { AuthorizationServer } from "../protocol/client.ts";

/** What this process remembers; all of it can be lost or dropped at any time (and all of it is bounded). */
export interface Caches {
  /** Authorization server metadata by issuer. */
  readonly metadata: LRUCache<string, CachedMetadata>;
  readonly metadataFlights: Map<string, Promise<AuthorizationServer>>;
  /** Which of a server's secrets worked last, by server row id. */
  readonly lastSecret: LRUCache<string, number>;
  /** Of flows this process has polled: when the next poll may be sent, monotonic milliseconds. */
  readonly nextPoll: LRUCache<string, number>;
  /** Exchanged tokens (sts) by credential generation, server and what was asked for. */
  readonly exchanged: LRUCache<string, Exchanged>;
  readonly exchangeFlights: Map<string, Promise<Exchanged>>;
}

export interface CachedMetadata {
  readonly metadata: AuthorizationServer;
  /** Epoch milliseconds. */
  readonly staleAt: number;
}

export interface Exchanged {
  readonly issued: Issued;
  readonly issuedTokenType?: string;
}

export function createCaches(): Caches {
  return {
    metadata: new LRUCache({ max: 1_000 }),
    metadataFlights: new Map(),
    lastSecret: new LRUCache({ max: 10_000 }),
    nextPoll: new LRUCache({ max: 100_000 }),
    exchanged: new LRUCache({ max: 10_000 }),
    exchangeFlights: new Map(),
  };
}
