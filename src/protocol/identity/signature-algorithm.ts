/** JWS algorithms of key pairs (RFC 7518 3.1, RFC 8037): no HMAC, whose secret a public key could be, and no `none`. */
const ALGORITHMS: ReadonlySet<string> = new Set([
  ...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
  ...["ES256", "ES384", "ES512", "EdDSA", "Ed25519"],
]);

export function isSignatureAlgorithm(name: string): boolean {
  return ALGORITHMS.has(name);
}

/** `RS`, `PS`, `ES` or `Ed`: the kind of signature, whatever its hash. */
export function familyOf(name: string): string {
  return name.slice(0, 2);
}

/** `kty` of the keys of a family (RFC 7517 4.1). */
export const KEY_TYPES: Readonly<Record<string, string>> = { RS: "RSA", PS: "RSA", ES: "EC", Ed: "OKP" };

/** Hash of `at_hash` (OIDC Core 3.1.3.6). */
export function hashOf(name: string): string {
  return familyOf(name) === "Ed" ? "SHA-512" : `SHA-${name.slice(2)}`;
}
