import type { Clock } from "../../process/clock.ts";
import { belongsToSession } from "../../session/index.ts";
import type { RowContent, Store } from "../../store/port.ts";
import type { StartedSession } from "../sessions.ts";
import { createPendingLogins, type PendingLogins } from "./pending-logins.ts";
import { createRateLimit, type RateLimit } from "./rate-limit.ts";
import { createWaiters, type Waiters } from "./waiters.ts";

/** What this process remembers of sessions; all of it may be lost. Names are those of `nameOfChange`. */
export interface SessionMemory {
  readonly waiters: Waiters;
  readonly pending: PendingLogins;
  readonly starts: RateLimit;
  readonly codeEntries: RateLimit;
  readonly rejections: RateLimit;
  /** Starts under way, by what makes them the same login. */
  readonly coalescing: Map<string, Promise<StartedSession>>;
}

export function createSessionMemory(clock: Clock): SessionMemory {
  return {
    waiters: createWaiters(clock),
    pending: createPendingLogins(clock),
    starts: createRateLimit(clock),
    codeEntries: createRateLimit(clock),
    rejections: createRateLimit(clock),
    coalescing: new Map(),
  };
}

/** How a session's credential is called where changes are told. */
export function nameOfChange(mount: string, credential: string): string {
  return `${mount}\n${credential}`;
}

/** While a login is pending its row is due for one of these; see credential/schedule. */
const PENDING_TASKS: ReadonlySet<string | null> = new Set(["poll", "expire"]);

/**
 * The store, which tells of every change of a session's credential, whoever made it: waiting programs at once, other
 * instances when a login has ended. A refresh (settled by its lineage) or another plan for one is no news to them.
 */
export function observedStore(store: Store, memory: SessionMemory): Store {
  return {
    read: (key) => store.read(key),
    readById: (id) => store.readById(id),
    list: (query) => store.list(query),
    write: async (row, expect) => {
      const done = await store.write(row, expect);
      if (done) tell(store, memory, row, row.task !== "refresh");
      return done;
    },
    remove: (id, revision) => store.remove(id, revision),
    claimDue: (request) => store.claimDue(request),
    claim: (id, lease) => store.claim(id, lease),
    renew: (id, claim, milliseconds) => store.renew(id, claim, milliseconds),
    escrow: (id, by, sealed) => store.escrow(id, by, sealed),
    settle: async (row, by, expect) => {
      const done = await store.settle(row, by, expect);
      if (done) tell(store, memory, row, "claim" in by);
      return done;
    },
    release: (id, claim, how) => store.release(id, claim, how),
    nextDue: () => store.nextDue(),
    recover: () => store.recover(),
    watch: (onChange) => store.watch(onChange),
    announce: (name) => store.announce(name),
    now: () => store.now(),
    reseal: (exchanges) => store.reseal(exchanges),
    walk: (after, limit) => store.walk(after, limit),
    load: () => store.load(),
    progress: () => store.progress(),
    fill: (rows, progress) => store.fill(rows, progress),
    check: () => store.check(),
    close: () => store.close(),
  };
}

function tell(store: Store, memory: SessionMemory, row: RowContent, isNews: boolean): void {
  if (row.kind !== "creds" || !belongsToSession(row.name)) return;
  const name = nameOfChange(row.mount, row.name);
  if (!PENDING_TASKS.has(row.task)) {
    memory.pending.end(name);
    if (isNews) void store.announce(name).catch(() => {});
  }
  memory.waiters.changed(name);
}

/** Another instance says that the login or the session of this name has ended. */
export function heard({ pending, waiters }: SessionMemory, name: string): void {
  pending.end(name);
  waiters.changed(name);
}

/** Something was removed, which the store cannot tell: its name is not in the call. */
export function tellEnd({ store, sessions }: { store: Store; sessions: SessionMemory }, name: string): void {
  heard(sessions, name);
  void store.announce(name).catch(() => {});
}
