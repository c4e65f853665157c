import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";

/**
 * What a person looks for by somebody's name stands in no address (ST-196): addresses lie in histories, are sent on, and are read over
 * shoulders. It is sealed there under the browser's own token, so that pages, reloads and other tabs go on with it as long as the
 * sign-in lasts, and nobody else can make anything of it.
 */
const NONCE = 12;
const TAG = 16;

export function hide(text: string, token: string): string {
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv("aes-256-gcm", keyOf(token), nonce);
  const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString("base64url");
}

/** Undefined for what this sign-in has not hidden. */
export function findHidden(hidden: string, token: string): string | undefined {
  const bytes = Buffer.from(hidden, "base64url");
  if (bytes.length < NONCE + TAG) return undefined;
  const decipher = createDecipheriv("aes-256-gcm", keyOf(token), bytes.subarray(0, NONCE));
  decipher.setAuthTag(bytes.subarray(NONCE, NONCE + TAG));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(NONCE + TAG)), decipher.final()]).toString("utf8");
  } catch {
    return undefined;
  }
}

function keyOf(token: string): Buffer {
  return createHmac("sha256", token).update("coatcheck address").digest();
}
