import type { AuthorizationServer, Call } from "../client.ts";
import { exchange, get } from "../endpoint.ts";
import { type JsonObject, parseJsonObject } from "../response/json.ts";
import { TransportError } from "../response/transport-error.ts";
import { candidateKeys, type Jws } from "./jws.ts";

interface KeySet {
  readonly keys: readonly JsonObject[];
  /** Epoch seconds. */
  readonly fetchedAt: number;
}

/** Seconds a key set is used without asking again; and before an unknown key leads to a new request. */
const LIFETIME = 300;
const SHORTEST_LIFETIME = 60;

/** As long as the metadata they belong to. */
const known = new WeakMap<AuthorizationServer, KeySet>();

/**
 * Keys of the authorization server that fit a signature (RFC 7517). Cached with the metadata object; fetched again after
 * 5 min, or for an unknown key after 1 min. Undefined when the key set cannot be had.
 */
export async function keysFor(
  as: AuthorizationServer,
  jws: Jws,
  nowSeconds: number,
  call: Call,
): Promise<readonly JsonObject[] | undefined> {
  const cached = known.get(as);
  const age = cached ? Math.abs(nowSeconds - cached.fetchedAt) : Number.POSITIVE_INFINITY;
  const fitting = candidateKeys(jws, cached?.keys ?? []);
  if (age < (fitting.length > 0 ? LIFETIME : SHORTEST_LIFETIME)) return fitting;
  const keys = await fetchKeys(as, call);
  if (!keys) return fitting.length > 0 ? fitting : undefined;
  known.set(as, { keys, fetchedAt: nowSeconds });
  return candidateKeys(jws, keys);
}

async function fetchKeys(as: AuthorizationServer, call: Call): Promise<readonly JsonObject[] | undefined> {
  if (as.jwks_uri === undefined) return undefined;
  const response = await exchange(get(as.jwks_uri, call));
  if (response instanceof TransportError || response.status !== 200) return undefined;
  const keys = parseJsonObject(response.body)?.keys;
  return Array.isArray(keys) ? keys.filter((key) => typeof key === "object" && key !== null) : undefined;
}
