import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from "node:crypto";
import { CannotOpen, type Place } from "./port.ts";

/**
 * The blob: version | algorithm | kek id (8) | key nonce (12) | wrapped key (32) | its tag (16) | nonce (12) |
 * ciphertext | tag (16). A fresh key per seal, so no nonce is ever used twice under one key. The version says what the kek
 * is: a key of the ring (1), or the data key of a mount (2), which may have been destroyed.
 */
const OF_RING = 1;
const OF_MOUNT = 2;
const AES_256_GCM = 1;

const NONCE = 12;
const TAG = 16;
const KEY = 32;
export const KEK_ID = 8;

const HEAD = 2 + KEK_ID;
const WRAPPED = HEAD + NONCE + KEY + TAG;
const SHORTEST = WRAPPED + NONCE + TAG;

export interface KekRef {
  /** `KEK_ID` bytes. */
  readonly id: Uint8Array;
  /** Of 32 bytes; made once, which costs more than to wrap a key. */
  readonly key: KeyObject;
  /** It is the data key of a mount. */
  readonly ofMount: boolean;
}

/** Which key a blob is sealed under. */
interface Under {
  readonly kekId: Uint8Array;
  readonly ofMount: boolean;
}

export function sealEnvelope(plain: Uint8Array, place: Place, deploymentId: string, kek: KekRef): Uint8Array {
  const head = Buffer.concat([Uint8Array.of(kek.ofMount ? OF_MOUNT : OF_RING, AES_256_GCM), kek.id]);
  // Asked for once: each question costs as much as what is done with its answer.
  const random = randomBytes(KEY + 2 * NONCE);
  const own = random.subarray(0, KEY);
  const [keyNonce, nonce] = [random.subarray(KEY, KEY + NONCE), random.subarray(KEY + NONCE)];
  const wrapped = encrypt(own, kek.key, keyNonce, associated(head, [deploymentId]));
  const content = encrypt(plain, createSecretKey(own), nonce, associated(head, fieldsOf(deploymentId, place)));
  own.fill(0);
  return Buffer.concat([head, ...wrapped, ...content]);
}

function fieldsOf(deploymentId: string, { mount, kind, id, name, field }: Place): readonly string[] {
  return [deploymentId, mount, kind, id, name, field];
}

/** Throws `CannotOpen`. `find` answers the key of an id, if there is one. */
export function openEnvelope(
  sealed: Uint8Array,
  place: Place,
  deploymentId: string,
  find: (under: Under) => KeyObject | undefined,
): Uint8Array {
  if (sealed.length < SHORTEST) throw new CannotOpen("the sealed record is too short");
  const under = underOf(sealed);
  if (!under) throw new CannotOpen("the sealed record has an unknown format");
  const head = sealed.subarray(0, HEAD);
  const kek = find(under);
  if (!kek) throw new CannotOpen("the record is sealed under a key that the broker does not have");
  const own = decrypt(sealed.subarray(HEAD, WRAPPED), kek, associated(head, [deploymentId]));
  const key = createSecretKey(own);
  own.fill(0);
  return decrypt(sealed.subarray(WRAPPED), key, associated(head, fieldsOf(deploymentId, place)));
}

/** Undefined for bytes that are no blob. */
export function underOf(sealed: Uint8Array): Under | undefined {
  const version = sealed[0];
  const isKnown = (version === OF_RING || version === OF_MOUNT) && sealed[1] === AES_256_GCM;
  return isKnown && sealed.length >= SHORTEST
    ? { kekId: sealed.subarray(2, HEAD), ofMount: version === OF_MOUNT }
    : undefined;
}

/** Every field behind its length (32 bits, big endian): no two lists of fields make the same bytes. */
function associated(head: Uint8Array, fields: readonly string[]): Buffer {
  const lengths = fields.map((field) => Buffer.byteLength(field));
  const bytes = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + 4 + length, head.length));
  bytes.set(head);
  let at = head.length;
  for (const [index, field] of fields.entries()) {
    const length = lengths[index] ?? 0;
    at = bytes.writeUInt32BE(length, at);
    at += bytes.write(field, at);
  }
  return bytes;
}

/** The key goes in as an object: given its bytes, Node finds out by an exception that they are none, 16 µs instead of 5. */
function encrypt(plain: Uint8Array, key: KeyObject, nonce: Uint8Array, aad: Uint8Array): readonly Uint8Array[] {
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  cipher.setAAD(aad);
  return [nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()];
}

function decrypt(box: Uint8Array, key: KeyObject, aad: Uint8Array): Buffer {
  const nonce = box.subarray(0, NONCE);
  const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG });
  decipher.setAAD(aad);
  decipher.setAuthTag(box.subarray(box.length - TAG));
  // Of a mode of streams nothing is held back to the end.
  const plain = decipher.update(box.subarray(NONCE, box.length - TAG));
  try {
    decipher.final();
    return plain;
  } catch {
    throw new CannotOpen("the sealed record is damaged or belongs to another place");
  }
}
