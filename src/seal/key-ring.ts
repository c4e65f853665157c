import { createHash, createHmac, createSecretKey } from "node:crypto";
import { KEK_ID, kekIdOf, openEnvelope, sealEnvelope } from "./envelope.ts";
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

/** A seal whose keys can be exchanged while it is used. */
export interface RingSeal extends Seal {
  turnTo(keys: readonly KeyEncryptionKey[]): void;
}

/** The sealing port over a ring of keys. */
export function createSeal({ keys, deploymentId, fingerprintKey }: SealOptions): RingSeal {
  let ring = ringOf(keys);
  const fingerprintSecret = createSecretKey(fingerprintKey);
  const find = (id: string) => ring.keks.get(id);
  return {
    seal: (plain, place, keyId) => {
      const kek = keyId === undefined ? ring.first : find(keyId);
      if (!kek) throw new Error(`there is no key ${keyId}`);
      return sealEnvelope(plain, place, deploymentId, kek);
    },
    open: (sealed, place) => openEnvelope(sealed, place, deploymentId, (id) => find(hex(id))?.key),
    fingerprint: (value) => createHmac("sha256", fingerprintSecret).update(value).digest("base64url"),
    keyOf: (sealed) => {
      const id = kekIdOf(sealed);
      return id && hex(id);
    },
    keyIds: () => [...ring.keks.keys()],
    turnTo: (next) => {
      ring = ringOf(next);
    },
  };
}

function ringOf(keys: readonly KeyEncryptionKey[]) {
  const keks = new Map(keys.map((key) => [keyIdOf(key), { id: kekId(key), key: createSecretKey(key) }]));
  const [first] = keks.values();
  if (!first) throw new Error("a seal needs a key");
  return { first, keks };
}

/** The first bytes of the key's SHA-256: names a key without telling it. */
function kekId(key: KeyEncryptionKey): Uint8Array {
  return createHash("sha256").update(key).digest().subarray(0, KEK_ID);
}

/** The id of a key as people see it. */
export function keyIdOf(key: KeyEncryptionKey): string {
  return hex(kekId(key));
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
