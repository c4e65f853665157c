import { ObservedStore, type SessionMemory } from "../broker/process/session-memory.ts";
import type { Clock } from "../process/clock.ts";
import type { RecentRows, Store } from "../store/port.ts";
import { RememberingStore } from "../store/remembering.ts";

/** The store as every use case sees it: it tells what becomes of sessions, and remembers what hands out tokens. */
export function wrappedStore(
  store: Store,
  sessions: SessionMemory,
  clock: Pick<Clock, "now" | "monotonic">,
): Store & RecentRows {
  return new RememberingStore(new ObservedStore(store, sessions), clock);
}
