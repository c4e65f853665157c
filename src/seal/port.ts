/**
 * Sealing. Owns keys and the envelope; not what is sealed nor where it is stored (broker/record/records).
 * Associated data binds a blob to its place: it opens only in its own record and field (threats.md section 5).
 */
export interface Seal {
  /** Seals bytes for one place; each call is a new seal with fresh key and nonce. Under its mount's key (`keyFor`), or the one named. */
  seal(plain: Uint8Array, place: Place, keyId?: string): Uint8Array;
  /** Opens a blob in its own place, or throws `CannotOpen`, which changes nothing. */
  open(sealed: Uint8Array, place: Place): Uint8Array;
  /** HMAC-SHA-256 under a key of its own, base64url: a dump cannot confirm a guessed token by it. */
  fingerprint(value: string): string;
  /** Id of the key that a blob is sealed under; undefined for bytes that are none. */
  keyOf(sealed: Uint8Array): string | undefined;
  /** The same where it is the data key of a mount; undefined for everything else. */
  dataKeyOf(sealed: Uint8Array): string | undefined;
  /** Ids of the keys of the ring: the first seals, all open. Hex; an id names its key without telling it. */
  keyIds(): readonly string[];
  /** The data keys that are here; of each mount the last one seals. */
  dataKeys(): readonly DataKeyRef[];
  hasDataKey(id: string): boolean;
  /** Id of the key that the rows of a mount are sealed under: its data key, or the first of the ring where it has none. */
  keyFor(mount: string): string;
}

/** The key of a mount, by which its rows are sealed. */
export interface DataKeyRef {
  /** Hex. */
  readonly id: string;
  /** As its rows have it. */
  readonly mount: string;
}

/** The keys of a running broker, and where they are kept: what seals and opens changes only as what is kept did before. */
export interface Keys {
  /** Why they cannot be changed from here: given by a variable, or shared with other instances. */
  readonly fixed?: "given" | "shared";
  /** What holds them, for people. */
  readonly origin: string;
  /** Makes a key and answers its id. It is durable, and first where the keys are kept; `sealWith` makes it seal. */
  add(): string;
  /** From now on everything is sealed under this key. */
  sealWith(id: string): void;
  /** Neither kept nor opening any more. */
  drop(id: string): void;
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
