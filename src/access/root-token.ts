import { createHash, hash, randomBytes, timingSafeEqual } from "node:crypto";
import type { Recognize } from "./authenticator.ts";
import { createAcl, ROOT_ACL } from "./policy/acl.ts";
import { METRICS_POLICY } from "./policy/built-in.ts";
import { parsePolicy } from "./policy/policy.ts";

const METRICS_ACL = createAcl([parsePolicy(METRICS_POLICY)]);

/** A fresh token: `hvs.` and 256 random bits, base64url. */
export function newToken(): string {
  return `hvs.${randomBytes(32).toString("base64url")}`;
}

/** What is kept of a token: its SHA-256, 32 bytes. A token has 256 bits of entropy, so no salt and no slow hash. */
export function hashToken(token: string): Uint8Array {
  return hash("sha256", token, "buffer");
}

/**
 * Knows one token of a policy, by its hash (`hashToken`). Equal lengths and a constant-time comparison of hashes: the time it
 * takes tells nothing about the token.
 */
export function createRecognizer(known: Uint8Array, policy: "root" | "metrics" = "root"): Recognize {
  const identity = {
    accessor: createHash("sha256").update("accessor").update(known).digest("base64url").slice(0, 24),
    displayName: policy,
    policies: [policy],
    path: `auth/token/${policy}`,
    acl: policy === "root" ? ROOT_ACL : METRICS_ACL,
  };
  return (token) => (timingSafeEqual(hashToken(token), known) ? identity : undefined);
}
