import type { AuthorizationServer, Call } from "../protocol/client.ts";
import { DiscoveryError, discoverAuthorizationServer } from "../protocol/discovery.ts";
import type { Context } from "./context.ts";

/**
 * The metadata of an issuer; one request for all who ask at once. A stale copy serves when a refetch fails, and an
 * invalid refetch never replaces a good copy (META-09). Throws `DiscoveryError`.
 */
export async function metadataOf(
  context: Context,
  issuer: string,
  call: Call,
  how: { openid: boolean; fresh: boolean },
): Promise<AuthorizationServer> {
  const { metadata, metadataFlights } = context.caches;
  const known = metadata.get(issuer);
  if (known && !how.fresh && known.staleAt > context.clock.now()) return known.metadata;
  try {
    return await (metadataFlights.get(issuer) ?? fetchMetadata(context, issuer, call, how.openid));
  } catch (error) {
    if (known && !how.fresh && error instanceof DiscoveryError) return known.metadata;
    throw error;
  }
}

function fetchMetadata(context: Context, issuer: string, call: Call, openid: boolean): Promise<AuthorizationServer> {
  const { metadata, metadataFlights } = context.caches;
  const flight = discoverAuthorizationServer(issuer, call, openid ? { order: "oidc" } : {})
    .then(({ metadata: found, lifetime }) => {
      metadata.set(issuer, { metadata: found, staleAt: context.clock.now() + lifetime * 1000 });
      return found;
    })
    .finally(() => metadataFlights.delete(issuer));
  metadataFlights.set(issuer, flight);
  return flight;
}
