import { createHash, createHmac, createSecretKey } from "node:crypto";
import { KEK_ID, type KekRef, openEnvelope, sealEnvelope, underOf } from "./envelope.ts";
import type { DataKeyRef, Seal } from "./port.ts";

/** 32 bytes that wrap the key of each seal. */
export type KeyEncryptionKey = Uint8Array;

export interface SealOptions {
  /** The first seals, all open. */
  readonly keys: readonly KeyEncryptionKey[];
  readonly deploymentId: string;
  /** 32 bytes; stays the same when the keys change, or no lineage could be compared any more. */
  readonly fingerprintKey: Uint8Array;
}

/** The data key of a mount. */
export interface DataKey {
  /** As its rows have it. */
  readonly mount: string;
  readonly key: KeyEncryptionKey;
}

/** A seal whose keys can be exchanged while it is used. */
export interface RingSeal extends Seal {
  turnTo(keys: readonly KeyEncryptionKey[]): void;
  /** From now on these are the data keys, and no others; of each mount the last one seals. */
  hold(keys: readonly DataKey[]): void;
}

/** The sealing port over a ring of keys, and the data keys of mounts. */
export function createSeal({ keys, deploymentId, fingerprintKey }: SealOptions): RingSeal {
  let ring = ringOf(keys);
  let held = heldOf([]);
  const fingerprintSecret = createSecretKey(fingerprintKey);
  const find = (id: string) => ring.keks.get(id) ?? held.keks.get(id);
  return {
    seal: (plain, place, keyId) => {
      const kek = keyId === undefined ? (held.sealing.get(place.mount) ?? ring.first) : find(keyId);
      if (!kek) throw new Error(`there is no key ${keyId}`);
      return sealEnvelope(plain, place, deploymentId, kek);
    },
    open: (sealed, place) =>
      openEnvelope(
        sealed,
        place,
        deploymentId,
        ({ kekId, ofMount }) => (ofMount ? held : ring).keks.get(hex(kekId))?.key,
      ),
    fingerprint: (value) => createHmac("sha256", fingerprintSecret).update(value).digest("base64url"),
    keyOf: (sealed) => {
      const under = underOf(sealed);
      return under && hex(under.kekId);
    },
    dataKeyOf: (sealed) => {
      const under = underOf(sealed);
      return under?.ofMount ? hex(under.kekId) : undefined;
    },
    keyIds: () => [...ring.keks.keys()],
    dataKeys: () => held.refs,
    hasDataKey: (id) => held.keks.has(id),
    keyFor: (mount) => hex((held.sealing.get(mount) ?? ring.first).id),
    turnTo: (next) => {
      ring = ringOf(next);
    },
    hold: (next) => {
      held = heldOf(next);
    },
  };
}

function ringOf(keys: readonly KeyEncryptionKey[]) {
  const keks = new Map(keys.map((key) => [keyIdOf(key), kekOf(key, false)]));
  const [first] = keks.values();
  if (!first) throw new Error("a seal needs a key");
  return { first, keks };
}

function heldOf(keys: readonly DataKey[]) {
  const all = keys.map(({ mount, key }) => ({ mount, id: keyIdOf(key), kek: kekOf(key, true) }));
  return {
    keks: new Map(all.map(({ id, kek }) => [id, kek])),
    sealing: new Map(all.map(({ mount, kek }) => [mount, kek])),
    refs: all.map(({ id, mount }): DataKeyRef => ({ id, mount })),
  };
}

function kekOf(key: KeyEncryptionKey, ofMount: boolean): KekRef {
  return { id: kekId(key), key: createSecretKey(key), ofMount };
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
