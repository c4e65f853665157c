import { createHash, timingSafeEqual } from "node:crypto";

/** Whether two texts are the same, whatever is in them; the time it takes tells nothing of a secret one. */
export function sameText(a: string, b: string): boolean {
  return timingSafeEqual(hashOf(a), hashOf(b));
}

/** Of one length for texts of any, in any characters. */
function hashOf(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}

/** Whether a text has these bytes, one for each character; the time it takes tells nothing but their number. */
export function sameBytes(bytes: Uint8Array, text: string): boolean {
  let difference = bytes.length ^ text.length;
  for (let at = 0; at < bytes.length; at++) difference |= (bytes[at] ?? 0) ^ text.charCodeAt(at);
  return difference === 0;
}
