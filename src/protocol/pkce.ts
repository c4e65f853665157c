import {
  calculatePKCECodeChallenge,
  generateRandomCodeVerifier,
  generateRandomNonce,
  generateRandomState,
} from "oauth4webapi";

/** PKCE-01: 32 random octets as base64url, new for every authorization request. */
export function generateVerifier(): string {
  return generateRandomCodeVerifier();
}

/** PKCE-04: unpadded base64url of the verifier's SHA-256; always for `S256`. */
export function codeChallenge(verifier: string): Promise<string> {
  return calculatePKCECodeChallenge(verifier);
}

/** OA-14: 256 random bits as base64url. */
export function generateState(): string {
  return generateRandomState();
}

/** OIDC Core 15.5.2; 256 random bits as base64url. */
export function generateNonce(): string {
  return generateRandomNonce();
}
