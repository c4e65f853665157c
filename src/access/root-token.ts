import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { Authenticate } from "./authenticator.ts";

/** A fresh token: `hvs.` and 256 random bits, base64url. */
export function newToken(): string {
  return `hvs.${randomBytes(32).toString("base64url")}`;
}

/** What is kept of a token: its SHA-256, 32 bytes. A token has 256 bits of entropy, so no salt and no slow hash. */
export function hashToken(token: string): Uint8Array {
  return createHash("sha256").update(token).digest();
}

/**
 * Knows one token of a policy, by its hash (`hashToken`). Equal lengths and a constant-time comparison of hashes: the time it
 * takes tells nothing about the token.
 */
export function createAuthenticator(hash: Uint8Array, policy: "root" | "metrics" = "root"): Authenticate {
  const identity = {
    accessor: createHash("sha256").update("accessor").update(hash).digest("base64url").slice(0, 24),
    displayName: policy,
    policies: [policy],
    path: `auth/token/${policy}`,
  };
  return async (token) => (timingSafeEqual(hashToken(token), hash) ? identity : undefined);
}
