import type { Audit } from "../../audit/audit.ts";
import type { RescueJournal } from "../../journal/rescue-journal.ts";
import type { Clock } from "../../process/clock.ts";
import type { Log } from "../../process/log.ts";
import type { Metrics } from "../../process/metrics.ts";
import type { Trace } from "../../process/trace.ts";
import type { Webhook } from "../../process/webhooks.ts";
import type { SigningKey } from "../../protocol/client/client-key.ts";
import type { Fetch, Reach } from "../../protocol/client.ts";
import type { Forward } from "../../protocol/forward.ts";
import type { TransportError } from "../../protocol/response/transport-error.ts";
import type { Seal } from "../../seal/port.ts";
import type { RecentRows, Store } from "../../store/port.ts";
import type { Breakers } from "./breakers.ts";
import type { Caches } from "./caches.ts";
import type { Loopback } from "./loopback.ts";
import type { MountTable } from "./mount-table.ts";
import type { RateLimiter } from "./rate-limit.ts";
import type { RefreshPlaces } from "./refresh-places.ts";
import type { SessionMemory } from "./session-memory.ts";

/** `backup`: filled from one. `behind`: older than what was seen of it. `clone`: made for another environment. `moved`: its data are in another store. */
export type CopyReason = "backup" | "behind" | "clone" | "moved";

/** What every use case works with; made once, in compose. */
export interface Context {
  readonly store: Store & RecentRows;
  readonly seal: Seal;
  readonly journal: RescueJournal;
  readonly clock: Clock;
  /** The guarded fetch, behind the door (process/door). */
  readonly fetch: Fetch;
  /** The same guard for what is passed on (the proxy). */
  readonly forward: Forward;
  /** The same for exchanges that last, with limits of their own (the MCP gateway). */
  readonly forwardStream: Forward;
  /** Why the guarded fetch would never call a URL, if its policy says so; sends nothing. */
  readonly refusalOf: (url: string, reach?: Reach) => Promise<TransportError | undefined>;
  readonly log: Log;
  /** Who must have a line before an answer leaves. */
  readonly audit: Audit;
  /** Base of the callback, without trailing slash; absent when nobody outside could reach one. */
  readonly publicUrl?: string;
  /** With which it signs as a client by its own metadata document (MCP-R2). */
  readonly clientKey?: SigningKey;
  /** Of a person's own broker: how browsers come back to it. */
  readonly loopback?: Loopback;
  readonly mounts: MountTable;
  /** http to loopback is allowed (development); the guarded fetch has the last word. */
  readonly allowHttp: boolean;
  /** Names this process in histories: host and a random part. */
  readonly instance: string;
  /** Refreshes in flight in this process, by row id: the inner half of single flight (the claim is the outer). */
  readonly flights: Map<string, Promise<void>>;
  /** None: nothing of what happens is written down for them. */
  readonly webhooks: readonly Webhook[];
  readonly metrics: Metrics;
  /** Who watches, if anybody does. */
  readonly trace: Trace;
  readonly breakers: Breakers;
  readonly refreshPlaces: RefreshPlaces;
  /** Set when the process stops: nothing is sent any more that was not begun before. */
  readonly life: {
    stopping: boolean;
    /** Set while the store is a copy that must not act; see broker/record/owner. */
    copy?: CopyReason;
    /** What was under way when the data went to another store has ended: nothing is written any more. */
    handedOver?: true;
    /** Tokens obtained before may be spent: the store was a copy. Epoch milliseconds. */
    takenOverAt?: number;
  };
  /** Work that outlives its caller; a graceful stop waits for it. */
  readonly background: Set<Promise<unknown>>;
  readonly caches: Caches;
  readonly limiter: RateLimiter;
  readonly sessions: SessionMemory;
  /** Upstream operations under way; a stop that has waited long enough ends them. */
  readonly calls: Set<AbortController>;
  /** Tells the scheduler that something may be due earlier than it thinks. */
  wake(): void;
}
