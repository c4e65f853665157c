import type { Clock } from "../process/clock.ts";
import type { TransportErrorCode } from "../protocol/response/transport-error.ts";

/** One `AbortSignal` for a whole exchange, with shorter limits for its phases. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** Why it ended. */
  readonly code: () => TransportErrorCode;
  /** Limits what follows to so many milliseconds, until the next phase. */
  readonly phase: (milliseconds: number) => void;
  /** No further limit but the whole. */
  readonly lastPhase: () => void;
  /** Must be called at the end. */
  readonly done: () => void;
}

/** Ends by the caller's signal or, without one, after `milliseconds`. */
export function startDeadline(
  clock: Pick<Clock, "after">,
  outer: AbortSignal | undefined,
  milliseconds: number,
): Deadline {
  const controller = new AbortController();
  const expire = () => controller.abort(new DOMException("deadline", "TimeoutError"));
  const follow = () => controller.abort(outer?.reason);
  if (outer?.aborted) follow();
  outer?.addEventListener("abort", follow, { once: true });
  const cancelWhole = outer ? () => undefined : clock.after(milliseconds, expire);
  let cancelPhase: () => void = () => undefined;
  return {
    signal: controller.signal,
    code: () => (controller.signal.reason?.name === "TimeoutError" ? "timeout" : "aborted"),
    phase: (limit) => {
      cancelPhase();
      cancelPhase = clock.after(limit, expire);
    },
    lastPhase: () => cancelPhase(),
    done: () => {
      cancelPhase();
      cancelWhole();
      outer?.removeEventListener("abort", follow);
    },
  };
}

/** undici keeps a connection attempt alive after its client is gone; its connector returns the socket. */
export function endWith(signal: AbortSignal, attempt: unknown): void {
  if (typeof attempt !== "object" || attempt === null || !("destroy" in attempt)) return;
  const { destroy } = attempt;
  if (typeof destroy === "function") signal.addEventListener("abort", () => destroy.call(attempt), { once: true });
}

/** Settles with the promise, or rejects when the signal aborts first. */
export function orAborted<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
