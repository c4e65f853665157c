import { randomBytes, randomInt } from "node:crypto";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { Call, Fetch } from "../protocol/client.ts";
import type { Seal } from "../seal/port.ts";
import type { Store } from "../store/port.ts";
import type { Caches } from "./caches.ts";

/** What every use case works with; made once, in compose. */
export interface Context {
  readonly store: Store;
  readonly seal: Seal;
  readonly clock: Clock;
  readonly fetch: Fetch;
  readonly log: Log;
  /** Base of the callback, without trailing slash; absent when nobody outside could reach one. */
  readonly publicUrl?: string;
  /** http to loopback is allowed (development); the guarded fetch has the last word. */
  readonly allowHttp: boolean;
  /** Refreshes in flight in this process, by row id: the inner half of single flight (the claim is the outer). */
  readonly flights: Map<string, Promise<void>>;
  /** Work that outlives its caller; a graceful stop waits for it. */
  readonly background: Set<Promise<unknown>>;
  readonly caches: Caches;
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

/** A `Call` that is aborted after `seconds` of monotonic time; `done` must be called when the operation ends. */
export function callWithin(context: Context, seconds: number): { call: Call; done(): void } {
  const controller = new AbortController();
  const cancel = deadline(context.clock, seconds * 1000, () => controller.abort());
  context.calls.add(controller);
  const call = { fetch: context.fetch, signal: controller.signal, allowHttp: context.allowHttp };
  const done = () => {
    cancel();
    context.calls.delete(controller);
  };
  return { call, done };
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
