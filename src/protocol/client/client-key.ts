import { calculateJwkThumbprint } from "jose/jwk/thumbprint";
import { exportJWK } from "jose/key/export";
import { importJWK, importPKCS8 } from "jose/key/import";
import type { CryptoKey } from "oauth4webapi";
import { isSignatureAlgorithm } from "../identity/signature-algorithm.ts";
import { type JsonObject, parseJsonObject, textOf } from "../response/json.ts";

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

const UNREADABLE = "the key must be PKCS#8 PEM (BEGIN PRIVATE KEY) or a private JWK";

/**
 * A signing key from PKCS#8 PEM or a JWK as JSON text. Without `algorithm` the JWK's `alg`, else the usual one of its kind.
 * Throws an Error that says what is wrong without showing the key.
 */
export async function importClientKey(text: string, algorithm?: string): Promise<ClientKey> {
  const jwk = parseJsonObject(text);
  const material = jwk ?? /-----BEGIN PRIVATE KEY-----[^-]*-----END PRIVATE KEY-----/.exec(text)?.[0];
  if (material === undefined) throw new Error(UNREADABLE);
  const wanted = algorithm ?? textOf(jwk?.alg);
  if (wanted !== undefined && !isSignatureAlgorithm(wanted)) throw new Error("the algorithm is not supported");
  for (const name of wanted === undefined ? USUAL_ALGORITHMS : [wanted]) {
    const key = await importAs(name, material).catch(() => undefined);
    if (!key || key instanceof Uint8Array || key.type !== "private") continue;
    requireLength(key);
    const keyId = textOf(jwk?.kid);
    return { key, algorithm: name, ...(keyId !== undefined && { keyId }) };
  }
  throw new Error(wanted === undefined ? UNREADABLE : "the key cannot be used with this algorithm");
}

/** Members of a public key (RFC 7518 6). */
const PUBLIC = ["kty", "n", "e", "crv", "x", "y"];

/** A key that a client signs with under its own name, and what others verify it by. */
export interface SigningKey {
  /** As it was given. */
  readonly key: string;
  readonly keyId: string;
  /** JWK: of the public half, with `kid`. */
  readonly publicKey: JsonObject;
}

/** With the key's own `kid`, else its thumbprint (RFC 7638). Throws like `importClientKey`. */
export async function signingKeyOf(text: string): Promise<SigningKey> {
  const { algorithm, keyId } = await importClientKey(text);
  const jwk = parseJsonObject(text);
  const whole = jwk ?? { ...(await exportJWK(await importPKCS8(text, algorithm, { extractable: true }))) };
  const half = Object.fromEntries(Object.entries(whole).filter(([name]) => PUBLIC.includes(name)));
  const kid = keyId ?? (await calculateJwkThumbprint(half));
  return { key: text, keyId: kid, publicKey: { ...half, kid, alg: algorithm, use: "sig" } };
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

async function importAs(name: string, material: JsonObject | string) {
  if (typeof material === "string") return importPKCS8(material, name);
  // RFC 7517: what the key is for was decided by whoever configured it here.
  const { kty, alg: _, use: __, key_ops: ___, ext: ____, ...members } = material;
  return importJWK({ kty: String(kty), ...members }, name);
}

function requireLength({ algorithm }: CryptoKey): void {
  if ("modulusLength" in algorithm && Number(algorithm.modulusLength) < SHORTEST_RSA_KEY) {
    const next = `create a new key of at least ${SHORTEST_RSA_KEY} bits and register it at the provider`;
    throw new Error(`the RSA key is shorter than ${SHORTEST_RSA_KEY} bits: ${next}`);
  }
}
