import { createHash, createHmac } from "node:crypto";
import { KEK_ID, openEnvelope, sealEnvelope } from "./envelope.ts";
import type { Seal } from "./port.ts";

/** 32 bytes that wrap data keys. */
export type KeyEncryptionKey = Uint8Array;

export interface SealOptions {
  /** The first seals, all open. */
  readonly keys: readonly KeyEncryptionKey[];
  readonly deploymentId: string;
  /** 32 bytes; stays the same when the keys change, or no lineage could be compared any more. */
  readonly fingerprintKey: Uint8Array;
}

/** The sealing port over a ring of keys. */
export function createSeal({ keys, deploymentId, fingerprintKey }: SealOptions): Seal {
  const ring = keys.map((key) => ({ id: kekId(key), key }));
  const [first] = ring;
  if (!first) throw new Error("a seal needs a key");
  const find = (id: Uint8Array) => ring.find((kek) => Buffer.compare(kek.id, id) === 0)?.key;
  return {
    seal: (plain, place) => sealEnvelope(plain, place, deploymentId, first),
    open: (sealed, place) => openEnvelope(sealed, place, deploymentId, find),
    fingerprint: (value) => createHmac("sha256", fingerprintKey).update(value).digest("base64url"),
  };
}

/** The first bytes of the key's SHA-256: names a key without telling it. */
export function kekId(key: KeyEncryptionKey): Uint8Array {
  return createHash("sha256").update(key).digest().subarray(0, KEK_ID);
}
