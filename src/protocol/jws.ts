import { type JsonObject, parseJsonObject, textOf } from "./json.ts";
import { type SignatureAlgorithm, signatureAlgorithm } from "./signature-algorithm.ts";

/** A JWS in compact form (RFC 7515 7.1), read but not verified. */
export interface Jws {
  readonly algorithm: SignatureAlgorithm;
  /** As in the header. */
  readonly algorithmName: string;
  readonly keyId?: string;
  readonly claims: JsonObject;
  readonly signed: Uint8Array<ArrayBuffer>;
  readonly signature: Uint8Array<ArrayBuffer>;
}

/** Undefined when it is no JWS, is signed by HMAC or not at all, or demands an extension (`crit`). */
export function parseJws(text: string): Jws | undefined {
  const [head = "", body = "", tail = "", ...more] = text.split(".");
  const header = parseJsonObject(decodeText(head));
  const claims = parseJsonObject(decodeText(body));
  const signature = decode(tail);
  if (more.length > 0 || !header || !claims || !signature?.length || "crit" in header) return undefined;
  const algorithmName = textOf(header.alg) ?? "none";
  const algorithm = signatureAlgorithm(algorithmName);
  if (!algorithm) return undefined;
  const keyId = textOf(header.kid);
  const signed = new TextEncoder().encode(`${head}.${body}`);
  return { algorithm, algorithmName, ...(keyId !== undefined && { keyId }), claims, signed, signature };
}

/** The keys of a set that may have made a signature (RFC 7517 4): by `kid` if it names one, and by what they are for. */
export function candidateKeys(jws: Jws, keys: readonly JsonObject[]): readonly JsonObject[] {
  return keys.filter(
    (key) =>
      key.kty === jws.algorithm.keyType &&
      (jws.keyId === undefined || key.kid === undefined || key.kid === jws.keyId) &&
      (key.use === undefined || key.use === "sig") &&
      (key.alg === undefined || signatureAlgorithm(String(key.alg))?.key.name === jws.algorithm.key.name),
  );
}

/** True when one of the keys made the signature. */
export async function isSignedBy(jws: Jws, keys: readonly JsonObject[]): Promise<boolean> {
  for (const key of keys) {
    if (await verifies(jws, key)) return true;
  }
  return false;
}

async function verifies({ algorithm, signature, signed }: Jws, key: JsonObject): Promise<boolean> {
  const { alg: _, use: __, key_ops: ___, ext: ____, ...members } = key;
  try {
    const imported = await crypto.subtle.importKey("jwk", members, algorithm.key, false, ["verify"]);
    return await crypto.subtle.verify(algorithm.signature, imported, signature, signed);
  } catch {
    return false;
  }
}

/** Unpadded base64url; undefined for anything else. */
function decode(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^[\w-]*$/.test(text)) return undefined;
  try {
    return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (each) => each.charCodeAt(0));
  } catch {
    return undefined;
  }
}

function decodeText(text: string): string {
  const bytes = decode(text);
  return bytes ? new TextDecoder().decode(bytes) : "";
}

/** Unpadded base64url. */
export function encode(bytes: Uint8Array): string {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
