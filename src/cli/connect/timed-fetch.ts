import { environment } from "../frame/environment.ts";

/** A broker answers a read within 9 s; whoever waits for a token has no more patience than that. Milliseconds. */
const LONGEST_MS = 10_000;

/** What COATCHECK_TIMEOUT (seconds) leaves. Milliseconds. */
export function longestWait(): number {
  const seconds = Number(environment().COATCHECK_TIMEOUT);
  return seconds > 0 ? seconds * 1_000 : LONGEST_MS;
}

/** A fetch whose answer, body included, comes in time, or not at all. */
export function timedFetch(inner: typeof globalThis.fetch): typeof globalThis.fetch {
  const limit = longestWait();
  return (input, init) => {
    const over = AbortSignal.timeout(limit);
    const signal = init?.signal ? AbortSignal.any([init.signal, over]) : over;
    return inner(input, { ...init, signal });
  };
}
