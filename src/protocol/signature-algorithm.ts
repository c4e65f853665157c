/** How WebCrypto wants a JWS algorithm (RFC 7518 3.1, RFC 8037). Only signatures: no HMAC, no `none`. */
export interface SignatureAlgorithm {
  /** For `importKey`. */
  readonly key: { readonly name: string; readonly hash?: string; readonly namedCurve?: string };
  /** For `sign` and `verify`. */
  readonly signature: { readonly name: string; readonly hash?: string; readonly saltLength?: number };
  /** Hash of `at_hash` (OIDC Core 3.1.3.6). */
  readonly hash: string;
  /** `kty` of the keys that fit (RFC 7517). */
  readonly keyType: string;
}

const CURVES: Readonly<Record<string, string>> = { 256: "P-256", 384: "P-384", 512: "P-521" };

/** Undefined for anything but RS, PS, ES with 256, 384 or 512, `EdDSA` and `Ed25519`. */
export function signatureAlgorithm(name: string): SignatureAlgorithm | undefined {
  if (name === "EdDSA" || name === "Ed25519") {
    return { key: { name: "Ed25519" }, signature: { name: "Ed25519" }, hash: "SHA-512", keyType: "OKP" };
  }
  const [, family, bits = ""] = /^(RS|PS|ES)(256|384|512)$/.exec(name) ?? [];
  const hash = `SHA-${bits}`;
  switch (family) {
    case "RS":
      return { ...both({ name: "RSASSA-PKCS1-v1_5", hash }), hash, keyType: "RSA" };
    case "PS":
      return {
        key: { name: "RSA-PSS", hash },
        signature: { name: "RSA-PSS", saltLength: Number(bits) / 8 },
        hash,
        keyType: "RSA",
      };
    case "ES":
      return {
        key: { name: "ECDSA", namedCurve: CURVES[bits] ?? "" },
        signature: { name: "ECDSA", hash },
        hash,
        keyType: "EC",
      };
    default:
      return undefined;
  }
}

function both(algorithm: { name: string; hash: string }) {
  return { key: algorithm, signature: algorithm };
}
