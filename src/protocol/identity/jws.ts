import { decode } from "jose/base64url";
import { decodeProtectedHeader } from "jose/decode/protected_header";
import { compactVerify } from "jose/jws/compact/verify";
import { type JsonObject, parseJsonObject, textOf } from "../response/json.ts";
import { familyOf, isSignatureAlgorithm, KEY_TYPES } from "./signature-algorithm.ts";

/** A JWS in compact form (RFC 7515 7.1), read but not verified. */
export interface Jws {
  readonly text: string;
  readonly algorithm: string;
  readonly keyId?: string;
  readonly claims: JsonObject;
}

/** Undefined when it is no JWS, is signed by HMAC or not at all, or demands an extension (`crit`). */
export function parseJws(text: string): Jws | undefined {
  try {
    const { alg, kid, crit } = decodeProtectedHeader(text);
    const [, body = "", signature = "", ...more] = text.split(".");
    const claims = parseJsonObject(new TextDecoder().decode(decode(body)));
    const algorithm = textOf(alg) ?? "none";
    if (more.length > 0 || !claims || crit !== undefined || decode(signature).length === 0) return undefined;
    const keyId = textOf(kid);
    return isSignatureAlgorithm(algorithm)
      ? { text, algorithm, ...(keyId !== undefined && { keyId }), claims }
      : undefined;
  } catch {
    return undefined;
  }
}

/** The keys of a set that may have made a signature (RFC 7517 4): by `kid` if both name one, and by what they are for. */
export function candidateKeys({ algorithm, keyId }: Jws, keys: readonly JsonObject[]): readonly JsonObject[] {
  const family = familyOf(algorithm);
  return keys.filter(
    (key) =>
      key.kty === KEY_TYPES[family] &&
      (keyId === undefined || key.kid === undefined || key.kid === keyId) &&
      (key.use === undefined || key.use === "sig") &&
      (key.alg === undefined || familyOf(String(key.alg)) === family),
  );
}

/** True when one of the keys made the signature. An RSA key under 2048 bits made none that counts. */
export async function isSignedBy({ text, algorithm }: Jws, keys: readonly JsonObject[]): Promise<boolean> {
  for (const { kty, alg: _, use: __, key_ops: ___, ext: ____, ...members } of keys) {
    const verified = compactVerify(text, { kty: String(kty), ...members }, { algorithms: [algorithm] });
    if (await verified.then(Boolean, () => false)) return true;
  }
  return false;
}
