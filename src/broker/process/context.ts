import { randomBytes, randomInt } from "node:crypto";
import type { RescueJournal } from "../../journal/rescue-journal.ts";
import type { Clock } from "../../process/clock.ts";
import type { Log } from "../../process/log.ts";
import type { Metrics } from "../../process/metrics.ts";
import type { Call, Fetch } from "../../protocol/client.ts";
import type { Forward } from "../../protocol/forward.ts";
import { TransportError } from "../../protocol/transport-error.ts";
import type { Seal } from "../../seal/port.ts";
import type { RecentRows, Store } from "../../store/port.ts";
import type { Breakers } from "./breakers.ts";
import type { Caches } from "./caches.ts";
import type { RefreshPlaces } from "./refresh-places.ts";
import type { SessionMemory } from "./session-memory.ts";

/** What every use case works with; made once, in compose. */
export interface Context {
  readonly store: Store & RecentRows;
  readonly seal: Seal;
  readonly journal: RescueJournal;
  readonly clock: Clock;
  readonly fetch: Fetch;
  /** The same guard for what is passed on (the proxy). */
  readonly forward: Forward;
  readonly log: Log;
  /** Base of the callback, without trailing slash; absent when nobody outside could reach one. */
  readonly publicUrl?: string;
  /** http to loopback is allowed (development); the guarded fetch has the last word. */
  readonly allowHttp: boolean;
  /** Names this process in histories: host and a random part. */
  readonly instance: string;
  /** Refreshes in flight in this process, by row id: the inner half of single flight (the claim is the outer). */
  readonly flights: Map<string, Promise<void>>;
  readonly metrics: Metrics;
  readonly breakers: Breakers;
  readonly refreshPlaces: RefreshPlaces;
  /** Set when the process stops: nothing is sent any more that was not begun before. */
  readonly life: {
    stopping: boolean;
    /** Set while the store is a copy that must not act; see broker/record/owner. */
    copy?: "backup" | "behind" | "clone";
    /** Tokens obtained before may be spent: the store was a copy. Epoch milliseconds. */
    takenOverAt?: number;
  };
  /** Work that outlives its caller; a graceful stop waits for it. */
  readonly background: Set<Promise<unknown>>;
  readonly caches: Caches;
  readonly sessions: SessionMemory;
  /** Upstream operations under way; a stop that has waited long enough ends them. */
  readonly calls: Set<AbortController>;
  /** Tells the scheduler that something may be due earlier than it thinks. */
  wake(): void;
}

/** 128 random bits, base64url. */
export function newId(): string {
  return randomBytes(16).toString("base64url");
}

/** [0, 1), from the CSPRNG. */
export function random(): number {
  return randomInt(2 ** 32) / 2 ** 32;
}

export function moment(context: Context): { now: number; random: number } {
  return { now: context.clock.now(), random: random() };
}

/** Keeps a promise alive and accounted for when its caller goes away; its failure is the caller's to handle. */
export function detach<T>(context: Context, work: Promise<T>): Promise<T> {
  const settled = work.then(
    () => {},
    () => {},
  );
  context.background.add(settled);
  void settled.then(() => context.background.delete(settled));
  return work;
}

/** Work that nobody waits for; its failure is logged. */
export function inBackground(context: Context, what: string, work: Promise<unknown>): void {
  void detach(context, work).catch((error: unknown) => {
    context.log.error("background_failed", { what, error: error instanceof Error ? error.name : "unknown" });
  });
}

/** Marks a row as in this process's hands for as long as `work` lasts. */
export function inFlight<T>(context: Context, id: string, work: Promise<T>): Promise<T> {
  const { flights } = context;
  const flight = work.then(
    () => {},
    () => {},
  );
  flights.set(id, flight);
  return detach(context, work).finally(() => {
    if (flights.get(id) === flight) flights.delete(id);
  });
}

/** One upstream operation; `done` must be called when it is over, `end` cuts it short. */
export interface Operation {
  readonly call: Call;
  end(): void;
  done(): void;
}

/**
 * An operation of at most `seconds` of monotonic time. Nothing is sent once that has passed, or `lasts` says no: a timer
 * alone could be overtaken by a connection that stood just then.
 */
export function callWithin(context: Context, seconds: number, lasts = () => true): Operation {
  const { clock, calls, allowHttp } = context;
  const controller = new AbortController();
  const until = clock.monotonic() + seconds * 1000;
  const end = () => controller.abort();
  const cancel = deadline(clock, seconds * 1000, end);
  calls.add(controller);
  const maySend = () => clock.monotonic() < until && lasts();
  const fetch: Fetch = async (url, init) => {
    // The one door: a copy of a store sends nothing, whoever wants it to.
    if (context.life.copy !== undefined) throw new TransportError("restored_copy", false);
    return context.fetch(url, { ...init, maySend }).catch((error: unknown) => {
      logFailure(context.log, url, error);
      throw error;
    });
  };
  const done = () => {
    cancel();
    calls.delete(controller);
  };
  return { call: { fetch, signal: controller.signal, allowHttp }, end, done };
}

/** Readers are told that a server is unavailable, no more; operators see why. */
function logFailure(log: Log, url: string, error: unknown): void {
  if (!(error instanceof TransportError)) return;
  const { code, sent } = error;
  const hint = code === "address_refused" ? { hint: "not public: allow it by --allow-networks" } : {};
  log.warn("upstream_failed", { origin: new URL(url).origin, cause: code, sent, ...hint });
}

/** A clock's timer reaches one minute at most; an operation may last two. */
function deadline(clock: Clock, milliseconds: number, expire: () => void): () => void {
  const end = clock.monotonic() + milliseconds;
  let cancel = () => {};
  const arm = () => {
    const left = end - clock.monotonic();
    if (left > 0) cancel = clock.after(left, arm);
    else expire();
  };
  arm();
  return () => cancel();
}

/** Waits on the clock. */
export function pause(clock: Clock, milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(milliseconds, resolve);
  });
}
