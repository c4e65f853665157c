import type { LRUCache } from "lru-cache";
import type { Issued } from "../../credential/index.ts";
import type { Clock } from "../../process/clock.ts";
import type { AuthorizationServer } from "../../protocol/client.ts";
import type { Located } from "../../protocol/ladder/ladder.ts";
import type { TokenView } from "../token-view.ts";
import { bounded } from "./bounded.ts";
import { createMcpMemory, type McpMemory } from "./mcp-memory.ts";
import { Ready } from "./ready.ts";

/** What this process remembers; all of it can be lost or dropped at any time (and all of it is bounded). */
export interface Caches {
  /** Authorization server metadata by issuer. */
  readonly metadata: FoundCache<AuthorizationServer>;
  /** Key sets of logins by their URLs. */
  readonly keySets: LRUCache<string, AuthorizationServer>;
  /** Authorization servers by the name of their API server. */
  readonly located: FoundCache<Located>;
  /** Which of a server's secrets worked last, by server row id and client. */
  readonly lastSecret: LRUCache<string, number>;
  /** What readers of a generation were told, and need not be told again. */
  readonly told: LRUCache<string, number>;
  /** As whom and where refreshes have worked. */
  readonly refreshedAs: LRUCache<string, number>;
  /** What was last in the way of an answer, by origin; and of a server as it is written, by its row id. */
  readonly troubles: LRUCache<string, Trouble>;
  /** Of flows this process has polled: when the next poll may be sent, monotonic milliseconds. */
  readonly nextPoll: LRUCache<string, number>;
  /** Exchanged tokens (sts) by credential generation, server and what was asked for. */
  readonly exchanged: LRUCache<string, Exchanged>;
  /** Tokens as every reader gets them, by the row they were read from (credential/ready-token). */
  readonly readyTokens: Ready<TokenView>;
  /** Names of the credentials of sessions whose use need not be noted, by the session's row. */
  readonly readySessions: Ready<string>;
  /** Logins of sessions, without what brings another token (record/records). */
  readonly readyLogins: Ready<Issued>;
  /** Contents of other rows that are read again and again (record/records). */
  readonly readyContents: Ready<ReturnType<typeof JSON.parse>>;
  readonly gateway: McpMemory;
  /** Whether credentials are being filed (record/facets). */
  readonly filing: { isUnderWay: boolean };
  readonly exchangeFlights: Map<string, Promise<Exchanged>>;
  /** How much waits for each endpoint of webhooks, as it was counted and has grown since. */
  readonly backlogs: Map<string, { count: number; readonly countedAt: number }>;
}

/** A request that got no answer, or was not sent. */
export interface Trouble {
  /** Epoch milliseconds. */
  readonly at: number;
  /** For operators (protocol/response/why-unreachable). */
  readonly text: string;
  /** When it answered again; epoch milliseconds. */
  readonly answeredAt?: number;
}

/** What was found out over the network, and searches that are under way. */
export interface FoundCache<T> {
  /** `staleAt` in epoch milliseconds. */
  readonly known: LRUCache<string, { readonly value: T; readonly staleAt: number }>;
  readonly flights: Map<string, Promise<T>>;
}

export interface Exchanged {
  readonly issued: Issued;
  readonly issuedTokenType?: string;
}

export function createCaches(clock: Pick<Clock, "now" | "after">): Caches {
  return {
    metadata: { known: bounded(1_000), flights: new Map() },
    keySets: bounded(1_000),
    located: { known: bounded(1_000), flights: new Map() },
    lastSecret: bounded(10_000),
    told: bounded(100_000),
    refreshedAs: bounded(10_000),
    troubles: bounded(1_000),
    nextPoll: bounded(100_000),
    exchanged: bounded(10_000),
    readyTokens: new Ready(clock),
    readySessions: new Ready(clock),
    readyLogins: new Ready(clock),
    readyContents: new Ready(clock),
    gateway: createMcpMemory(),
    filing: { isUnderWay: false },
    exchangeFlights: new Map(),
    backlogs: new Map(),
  };
}
