import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from "node:crypto";
import { CannotOpen, type Place } from "./port.ts";

/**
 * The blob: version | algorithm | kek id (8) | key nonce (12) | wrapped data key (32) | its tag (16) | nonce (12) |
 * ciphertext | tag (16). A fresh data key per seal, so no nonce is ever used twice under one key.
 */
const VERSION = 1;
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
  /** 32 bytes. */
  readonly key: Uint8Array;
}

export function sealEnvelope(plain: Uint8Array, place: Place, deploymentId: string, kek: KekRef): Uint8Array {
  const head = Buffer.concat([Uint8Array.of(VERSION, AES_256_GCM), kek.id]);
  const dataKey = randomBytes(KEY);
  const wrapped = encrypt(dataKey, kek.key, associated(head, deploymentId, []));
  const fields = [place.mount, place.kind, place.id, place.name, place.field];
  const content = encrypt(plain, dataKey, associated(head, deploymentId, fields));
  dataKey.fill(0);
  return Buffer.concat([head, wrapped, content]);
}

/** Throws `CannotOpen`. `find` answers the key of an id, if there is one. */
export function openEnvelope(
  sealed: Uint8Array,
  place: Place,
  deploymentId: string,
  find: (kekId: Uint8Array) => Uint8Array | undefined,
): Uint8Array {
  if (sealed.length < SHORTEST) throw new CannotOpen("the sealed record is too short");
  if (sealed[0] !== VERSION || sealed[1] !== AES_256_GCM)
    throw new CannotOpen("the sealed record has an unknown format");
  const head = sealed.subarray(0, HEAD);
  const kek = find(sealed.subarray(2, HEAD));
  if (!kek) throw new CannotOpen("the record is sealed under a key that the broker does not have");
  const dataKey = decrypt(sealed.subarray(HEAD, WRAPPED), kek, associated(head, deploymentId, []));
  const fields = [place.mount, place.kind, place.id, place.name, place.field];
  return decrypt(sealed.subarray(WRAPPED), dataKey, associated(head, deploymentId, fields));
}

/** Id of the key that a blob is sealed under; undefined for bytes that are none. */
export function kekIdOf(sealed: Uint8Array): Uint8Array | undefined {
  const isBlob = sealed.length >= SHORTEST && sealed[0] === VERSION && sealed[1] === AES_256_GCM;
  return isBlob ? sealed.subarray(2, HEAD) : undefined;
}

/** Every field behind its length (32 bits, big endian): no two lists of fields make the same bytes. */
function associated(head: Uint8Array, deploymentId: string, fields: readonly string[]): Buffer {
  const parts = [Buffer.from(head)];
  for (const field of [deploymentId, ...fields]) {
    const bytes = Buffer.from(field, "utf8");
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    parts.push(length, bytes);
  }
  return Buffer.concat(parts);
}

/** The key goes in as an object: given its bytes, Node finds out by an exception that they are none, 16 µs instead of 5. */
function encrypt(plain: Uint8Array, key: Uint8Array, aad: Uint8Array): Buffer {
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv("aes-256-gcm", createSecretKey(key), nonce);
  cipher.setAAD(aad);
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(box: Uint8Array, key: Uint8Array, aad: Uint8Array): Buffer {
  const nonce = box.subarray(0, NONCE);
  const decipher = createDecipheriv("aes-256-gcm", createSecretKey(key), nonce, { authTagLength: TAG });
  decipher.setAAD(aad);
  decipher.setAuthTag(box.subarray(box.length - TAG));
  try {
    return Buffer.concat([decipher.update(box.subarray(NONCE, box.length - TAG)), decipher.final()]);
  } catch {
    throw new CannotOpen("the sealed record is damaged or belongs to another place");
  }
}
