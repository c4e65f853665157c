import { randomBytes } from "node:crypto";

/** What only this process knows: 256 random bits, base64url. */
export function newNonce(): string {
  return randomBytes(32).toString("base64url");
}
