import type { Clock } from "../../process/clock.ts";
import type { Call } from "../../protocol/client.ts";
import { DiscoveryError } from "../../protocol/discovery.ts";
import { TransportError } from "../../protocol/transport-error.ts";
import { type Context, pause } from "../process/context.ts";

/** One request to a host that anybody may have named. Milliseconds. */
const LONGEST_REQUEST_MS = 5_000;

/** Longer than that, so that it is the same for what fails at once and for what is silent. Milliseconds. */
const STEP_MS = 6_000;

/**
 * Looks at a host that a program or a person named. A private address, a closed port, one that keeps silent and a name that
 * nobody has are told in the same words and after the same time: nobody maps a network by asking (S06, threats.md section 3).
 */
export async function askUnknownHost<T>({ clock }: Context, call: Call, work: (call: Call) => Promise<T>): Promise<T> {
  const from = clock.monotonic();
  try {
    return await work(inHaste(clock, call));
  } catch (error) {
    const isUnreached = error instanceof DiscoveryError && error.cause instanceof TransportError;
    if (isUnreached) await pause(clock, STEP_MS - ((clock.monotonic() - from) % STEP_MS));
    throw error;
  }
}

function inHaste(clock: Clock, call: Call): Call {
  const fetch: Call["fetch"] = async (url, init) => {
    const limit = new AbortController();
    const cancel = clock.after(LONGEST_REQUEST_MS, () => limit.abort());
    const signal = AbortSignal.any([limit.signal, call.signal]);
    return call.fetch(url, { ...init, signal }).finally(cancel);
  };
  return { ...call, fetch };
}
