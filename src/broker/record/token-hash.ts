import { createHash } from "node:crypto";

/** How a token is named where it must not be repeated: its SHA-256 in hex. */
export function hashOfToken(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
