import type { AuthorizationServer, Call } from "../client.ts";
import { exchange, get } from "../endpoint.ts";
import { type JsonObject, parseJsonObject } from "../response/json.ts";
import { TransportError } from "../response/transport-error.ts";
import { candidateKeys, isSignedBy, type Jws } from "./jws.ts";

interface KeySet {
  readonly keys: readonly JsonObject[];
  /** Epoch seconds. */
  readonly fetchedAt: number;
  /** When it was last looked up for a signature that none of its keys had made. */
  readonly soughtAt?: number;
}

/** Seconds a key set is used without asking again; and between two requests for keys that are not in it (FC-24). */
const LIFETIME = 300;
const BETWEEN = 5;

/** As long as the metadata they belong to. */
const known = new WeakMap<AuthorizationServer, KeySet>();
const flights = new WeakMap<AuthorizationServer, Promise<KeySet | undefined>>();

/**
 * Whether a key of the authorization server made a signature (RFC 7517). Its key set is remembered; a key that is not in it,
 * or no longer the same, is looked up at once. `unknown`: it could not be looked up, so nothing is known against it.
 */
export async function checkSignature(
  as: AuthorizationServer,
  jws: Jws,
  nowSeconds: number,
  call: Call,
): Promise<"valid" | "invalid" | "unknown"> {
  const cached = known.get(as);
  const isFresh = cached !== undefined && Math.abs(nowSeconds - cached.fetchedAt) < LIFETIME;
  if (isFresh && (await isSignedIn(cached, jws))) return "valid";
  // Somebody else's look-up has ended meanwhile.
  if (known.get(as) !== cached) return checkSignature(as, jws, nowSeconds, call);
  if (isFresh && Math.abs(nowSeconds - (cached.soughtAt ?? 0)) < BETWEEN)
    return isNamed(cached, jws) ? "invalid" : "unknown";
  const found = await lookUp(as, { fetchedAt: nowSeconds, ...(isFresh && { soughtAt: nowSeconds }) }, call);
  if (found) return (await isSignedIn(found, jws)) ? "valid" : "invalid";
  return cached && (await isSignedIn(cached, jws)) ? "valid" : "unknown";
}

function isSignedIn({ keys }: KeySet, jws: Jws): Promise<boolean> {
  return isSignedBy(jws, candidateKeys(jws, keys));
}

/** It is there under its name, and made another signature. */
function isNamed({ keys }: KeySet, { keyId }: Jws): boolean {
  return keyId !== undefined && keys.some(({ kid }) => kid === keyId);
}

/** One request for all who ask at once. */
function lookUp(as: AuthorizationServer, at: Omit<KeySet, "keys">, call: Call): Promise<KeySet | undefined> {
  const flight = flights.get(as) ?? fetchKeys(as, at, call).finally(() => flights.delete(as));
  flights.set(as, flight);
  return flight;
}

async function fetchKeys(as: AuthorizationServer, at: Omit<KeySet, "keys">, call: Call): Promise<KeySet | undefined> {
  if (as.jwks_uri === undefined) return undefined;
  const response = await exchange(get(as.jwks_uri, call));
  if (response instanceof TransportError || response.status !== 200) return undefined;
  const keys = parseJsonObject(response.body)?.keys;
  if (!Array.isArray(keys)) return undefined;
  const found = { ...at, keys: keys.filter((key) => typeof key === "object" && key !== null) };
  known.set(as, found);
  return found;
}
