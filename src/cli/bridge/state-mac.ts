import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/** Bytes. */
const KEY_LENGTH = 32;

/** MCP-S4: what this process hands out in `requestState` nobody else can have written. */
export function stateMac() {
  const key = randomBytes(KEY_LENGTH);
  const mac = (text: string) => createHmac("sha256", key).update(text).digest("base64url");
  const same = (a: string, b: string) => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
  return { mac, same };
}
