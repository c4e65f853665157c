import type { Clock } from "../../process/clock.ts";
import type { Call, Fetch, Reach } from "../../protocol/client.ts";
import { TransportError } from "../../protocol/response/transport-error.ts";
import { whyUnreachable } from "../../protocol/response/why-unreachable.ts";
import type { Context } from "./context.ts";

/**
 * The one door for what the broker sends of its own accord: a copy of a store sends nothing, whoever wants it to (invariant
 * 12). What the proxy passes on is a program's own request with a token that is still valid, which a copy hands out anyway.
 */
export function door(context: Pick<Context, "life" | "log" | "fetch" | "caches" | "clock">): Fetch {
  const { life, fetch: guarded } = context;
  return async (url, init) => {
    if (life.copy !== undefined) throw new TransportError("restored_copy", false);
    try {
      const response = await guarded(url, init);
      noteAnswer(context, url);
      return response;
    } catch (error) {
      noteFailure(context, url, error);
      throw error;
    }
  };
}

/** The first answer after a failure ends the trouble. */
function noteAnswer({ caches: { troubles }, clock }: Pick<Context, "caches" | "clock">, url: string): void {
  if (troubles.size === 0) return;
  const { origin } = new URL(url);
  const trouble = troubles.get(origin);
  if (trouble && trouble.answeredAt === undefined) troubles.set(origin, { ...trouble, answeredAt: clock.now() });
}

/** Readers are told that a server is unavailable, no more; operators see why. */
function noteFailure(
  { life, log, caches, clock }: Pick<Context, "life" | "log" | "caches" | "clock">,
  url: string,
  error: unknown,
): void {
  if (!(error instanceof TransportError)) return;
  const { code, sent } = error;
  const hint = whyUnreachable(error);
  const { origin } = new URL(url);
  if (!life.stopping)
    caches.troubles.set(origin, { at: clock.now(), text: hint ?? `its answer cannot be used (${code})` });
  log.warn("upstream_failed", { origin, cause: code, sent, ...(hint !== undefined && { hint }) });
}

/**
 * One upstream operation of at most `seconds` of monotonic time; `work` may cut it short by `end`. Nothing is sent once that
 * time has passed, or `lasts` says no: a timer alone could be overtaken by a connection that stood just then.
 */
export async function within<T>(
  context: Context,
  seconds: number,
  work: (call: Call, end: () => void) => Promise<T>,
  lasts = () => true,
): Promise<T> {
  const { clock, calls, allowHttp } = context;
  const controller = new AbortController();
  const until = clock.monotonic() + seconds * 1000;
  const end = () => controller.abort();
  const cancel = deadline(clock, until, end);
  calls.add(controller);
  const maySend = () => clock.monotonic() < until && lasts();
  const fetch: Fetch = (url, init) => context.fetch(url, { ...init, maySend });
  try {
    return await work({ fetch, signal: controller.signal, allowHttp }, end);
  } finally {
    cancel();
    calls.delete(controller);
  }
}

/** The same call for somebody, where people see for whom (`showsUserAgent`). */
export function labelled({ showsUserAgent }: { readonly showsUserAgent: boolean }, call: Call, label = ""): Call {
  return showsUserAgent ? { ...call, fetch: (url, init) => call.fetch(url, { ...init, label }) } : call;
}

/** The same call to what somebody without a token named. */
export function toStranger(call: Call): Call {
  return { ...call, stranger: true, fetch: (url, init) => call.fetch(url, { ...init, stranger: true }) };
}

/** The same call to an API server that somebody named, and to what that leads to (MCP-D9). */
export function toNamed(call: Call, reach: Reach | undefined): Call {
  if (!reach) return call;
  const allowHttp = call.allowHttp === true || reach.loopback || reach.http;
  return { ...call, allowHttp, fetch: (url, init) => call.fetch(url, { ...init, reach }) };
}

/** A part of an operation that gets less time than the whole. */
export function withinLess<T>(context: Context, seconds: number, call: Call, work: (call: Call) => Promise<T>) {
  return within(context, seconds, ({ signal }) => work({ ...call, signal: AbortSignal.any([signal, call.signal]) }));
}

/** A clock's timer reaches one minute at most; an operation may last two. `until` in monotonic milliseconds. */
function deadline(clock: Clock, until: number, expire: () => void): () => void {
  let cancel = () => {};
  const arm = () => {
    const left = until - clock.monotonic();
    if (left > 0) cancel = clock.after(left, arm);
    else expire();
  };
  arm();
  return () => cancel();
}
