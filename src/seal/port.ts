/**
 * Sealing. Owns keys and the envelope; not what is sealed nor where it is stored (broker/records).
 * Associated data binds a blob to its place: it opens only in its own record and field (threats.md section 5).
 */
export interface Seal {
  /** Seals bytes for one place; each call is a new seal with fresh key and nonce. */
  seal(plain: Uint8Array, place: Place): Uint8Array;
  /** Opens a blob in its own place, or throws `CannotOpen`, which changes nothing. */
  open(sealed: Uint8Array, place: Place): Uint8Array;
  /** HMAC-SHA-256 under a key of its own, base64url: a dump cannot confirm a guessed token by it. */
  fingerprint(value: string): string;
}

/** Length-prefixed into the associated data, in this order; no separator, so no ambiguity. */
export interface Place {
  readonly mount: string;
  readonly kind: string;
  readonly id: string;
  readonly name: string;
  readonly field: string;
}

/** The blob is damaged, from another place, or sealed under a key that is not there. */
export class CannotOpen extends Error {
  override readonly name = "CannotOpen";
}
