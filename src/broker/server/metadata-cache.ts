import { type Clock, pause } from "../../process/clock.ts";
import type { AuthorizationServer, Call } from "../../protocol/client.ts";
import { DiscoveryError, discoverAuthorizationServer } from "../../protocol/discovery.ts";
import { findAuthorizationServer } from "../../protocol/ladder/find-authorization-server.ts";
import type { Located } from "../../protocol/ladder/ladder.ts";
import { findResource } from "../../protocol/resource/find-resource.ts";
import { TransportError } from "../../protocol/response/transport-error.ts";
import type { ExpandedApiServer } from "../../providers/index.ts";
import type { FoundCache } from "../process/caches.ts";
import type { Context } from "../process/context.ts";

interface MetadataRules {
  readonly openid: boolean;
  readonly fresh: boolean;
  readonly given?: Partial<AuthorizationServer>;
  /** What may stand for a path segment of the issuer (`Provider.issuerPlaceholder`). */
  readonly placeholder?: string;
}

/**
 * The metadata of an issuer, with `given` over them: endpoints that somebody knows better. One object for all who ask, as its
 * key set is kept with it. Throws `DiscoveryError`.
 */
export function metadataOf(
  context: Context,
  issuer: string,
  call: Call,
  { openid, fresh, given = {}, placeholder }: MetadataRules,
): Promise<AuthorizationServer> {
  const key = [forWhom(call), issuer, placeholder ?? "", ...Object.entries(given).flat()].join("\n");
  return fromCache(context, context.caches.metadata, key, fresh, async () => {
    const { metadata, lifetime } = await discoverAuthorizationServer(issuer, call, {
      ...(openid && { order: "openid" }),
      ...(placeholder !== undefined && { placeholder }),
    });
    return { value: { ...metadata, ...given }, lifetime };
  });
}

/** What is found for strangers is not what is found for others: those may ask more. */
function forWhom({ stranger }: Call): string {
  return stranger ? "stranger" : "";
}

/** What the issuer itself says, where what was heard of it elsewhere may be old; undefined: nothing can be said now. */
export async function ownMetadata(
  context: Context,
  { issuer }: AuthorizationServer,
  call: Call,
): Promise<AuthorizationServer | undefined> {
  try {
    return await metadataOf(context, issuer, call, { openid: true, fresh: false });
  } catch (error) {
    if (error instanceof DiscoveryError) return undefined;
    throw error;
  }
}

/** The authorization server of an API server. Throws `DiscoveryError`. */
export function locate(
  context: Context,
  apiServer: ExpandedApiServer,
  call: Call,
  how: { fresh: boolean },
): Promise<Located> {
  const { name, ladder, fixed, hints } = apiServer;
  const key = [forWhom(call), name, hints.issuer ?? "", hints.resource ?? ""].join("\n");
  return fromCache(context, context.caches.located, key, how.fresh, async () => {
    const search = (within: Call) =>
      ladder.kind === "homeserver"
        ? findAuthorizationServer(ladder, name, within)
        : findResource(ladder, name, hints, within);
    const value = await (fixed ? search(call) : askUnknownHost(context, call, search));
    return { value, lifetime: value.lifetime };
  });
}

/**
 * What was found out before, or is now; one search for all who ask at once. A stale copy serves when another search
 * fails, and an invalid answer never replaces a good copy (META-09).
 */
async function fromCache<T>(
  context: Context,
  { known: cache, flights }: FoundCache<T>,
  key: string,
  fresh: boolean,
  search: () => Promise<{ value: T; lifetime: number }>,
): Promise<T> {
  const known = cache.get(key);
  if (known && !fresh && known.staleAt > context.clock.now()) return known.value;
  try {
    return await (flights.get(key) ?? fly());
  } catch (error) {
    if (known && !fresh && error instanceof DiscoveryError) return known.value;
    throw error;
  }

  function fly(): Promise<T> {
    const flight = search()
      .then(({ value, lifetime }) => {
        cache.set(key, { value, staleAt: context.clock.now() + lifetime * 1000 });
        return value;
      })
      .finally(() => flights.delete(key));
    flights.set(key, flight);
    return flight;
  }
}

/** One request to a host that anybody may have named. Milliseconds. */
const LONGEST_REQUEST_MS = 5_000;

/** Longer than that, so that it is the same for what fails at once and for what is silent. Milliseconds. */
const STEP_MS = 6_000;

/**
 * Looks at a host that a program or a person named. A private address, a closed port, one that keeps silent and a name that
 * nobody has are told in the same words and after the same time: nobody maps a network by asking (S06, threats.md section 3).
 */
async function askUnknownHost<T>({ clock }: Context, call: Call, work: (call: Call) => Promise<T>): Promise<T> {
  const from = clock.monotonic();
  try {
    return await work(inHaste(clock, call));
  } catch (error) {
    if (isToldAlike(error, call)) await pause(clock, STEP_MS - ((clock.monotonic() - from) % STEP_MS));
    throw error;
  }
}

/** A host that was not reached; and whatever else is wrong with a stranger's, but that it is an API server without OAuth. */
function isToldAlike(error: unknown, { stranger }: Call): boolean {
  if (!(error instanceof DiscoveryError)) return false;
  return stranger ? !error.isUnsupported : error.cause instanceof TransportError;
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
