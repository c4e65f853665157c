import type { CryptoKey } from "oauth4webapi";
import { type JsonObject, parseJsonObject, textOf } from "./json.ts";
import { signatureAlgorithm } from "./signature-algorithm.ts";

export interface ClientKey {
  readonly key: CryptoKey;
  /** JWS name. */
  readonly algorithm: string;
  /** `kid` of a JWK. */
  readonly keyId?: string;
}

/** Tried in this order: a key fits exactly one family, and RS256 is what every server knows. */
const USUAL_ALGORITHMS = ["RS256", "ES256", "ES384", "ES512", "EdDSA"] as const;

/** NIST SP 800-131A; RFC 7518 3.3 says the same. Bits. */
const SHORTEST_RSA_KEY = 2048;

const UNREADABLE = "the key must be PKCS#8 PEM (BEGIN PRIVATE KEY) or a JWK with its private part";

/**
 * A signing key from PKCS#8 PEM or a JWK as JSON text. Without `algorithm` the JWK's `alg`, else the usual one of its kind.
 * Throws an Error that says what is wrong without showing the key.
 */
export async function importClientKey(text: string, algorithm?: string): Promise<ClientKey> {
  const jwk = parseJsonObject(text);
  const pem = jwk ? undefined : pemBytes(text);
  if (!jwk && !pem) throw new Error(UNREADABLE);
  const wanted = algorithm ?? textOf(jwk?.alg);
  if (wanted !== undefined && !signatureAlgorithm(wanted)) throw new Error("the algorithm is not supported");
  for (const name of wanted === undefined ? USUAL_ALGORITHMS : [wanted]) {
    const key = await importAs(name, jwk ?? pem);
    if (!key) continue;
    requireLength(key);
    const keyId = textOf(jwk?.kid);
    return { key, algorithm: name, ...(keyId !== undefined && { keyId }) };
  }
  throw new Error(wanted === undefined ? UNREADABLE : "the key does not fit the algorithm");
}

/** The reason why a key cannot be used, or undefined. */
export async function checkClientKey(text: string, algorithm?: string): Promise<string | undefined> {
  try {
    await importClientKey(text, algorithm);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : UNREADABLE;
  }
}

async function importAs(name: string, material: JsonObject | Uint8Array<ArrayBuffer> | undefined) {
  const algorithm = signatureAlgorithm(name);
  if (!algorithm || !material) return undefined;
  try {
    if (material instanceof Uint8Array) {
      return await crypto.subtle.importKey("pkcs8", material, algorithm.key, false, ["sign"]);
    }
    // RFC 7517: what the key is for was decided by whoever configured it here.
    const { alg: _, use: __, key_ops: ___, ext: ____, ...members } = material;
    return await crypto.subtle.importKey("jwk", members, algorithm.key, false, ["sign"]);
  } catch {
    return undefined;
  }
}

function requireLength(key: CryptoKey): void {
  const { algorithm } = key;
  if ("modulusLength" in algorithm && Number(algorithm.modulusLength) < SHORTEST_RSA_KEY) {
    throw new Error(`the RSA key is shorter than ${SHORTEST_RSA_KEY} bits`);
  }
}

function pemBytes(text: string): Uint8Array<ArrayBuffer> | undefined {
  const [, base64] = /-----BEGIN PRIVATE KEY-----([\sA-Za-z0-9+/=]+)-----END PRIVATE KEY-----/.exec(text) ?? [];
  if (base64 === undefined) return undefined;
  try {
    return Uint8Array.from(atob(base64.replaceAll(/\s/g, "")), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}
