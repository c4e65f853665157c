import { createPublicKey, diffieHellman, generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import { hsalsa, secretbox } from "@noble/ciphers/salsa.js";

/**
 * One connection that oidc-agent's programs begin with a key (docs/spec/cli.md 15): an X25519 key each way, then crypto_box
 * of NaCl. What is sealed travels as `LENGTH:NONCE:CIPHERTEXT`: the bytes of the plaintext, and twice base64.
 */
export interface SealedTalk {
  /** Ours, as it is sent. */
  readonly publicKey: string;
  /** What was said; empty where it was not sealed for us; `undefined` while more of it is to come. */
  open(sealed: string): string | undefined;
  seal(plain: string): string;
}

/** 32 bytes in base64. */
const PUBLIC_KEY = /^[A-Za-z0-9+/]{43}=$/;

const NONCE_BYTES = 24;
const TAG_BYTES = 16;
const SEALED = /^(\d{1,5}):([A-Za-z0-9+/]{32}):([A-Za-z0-9+/]+=*)$/;

/** Answers a key with one that is made for this connection alone. `undefined` for a text that is no key to seal with. */
export function answerKey(text: string): SealedTalk | undefined {
  if (!PUBLIC_KEY.test(text)) return undefined;
  const own = generateKeyPairSync("x25519");
  const key = boxKey(own.privateKey, text);
  if (!key) return undefined;
  const { x = "" } = own.publicKey.export({ format: "jwk" });
  return {
    publicKey: base64(Buffer.from(x, "base64url")),
    open: (sealed) => open(key, sealed),
    seal: (plain) => seal(key, plain),
  };
}

/** crypto_box_beforenm: HSalsa20 of the shared secret. X25519 refuses the few keys whose secret everybody knows. */
function boxKey(privateKey: KeyObject, theirs: string): Uint8Array | undefined {
  const jwk = { kty: "OKP", crv: "X25519", x: theirs.replace(/=$/, "").replaceAll("+", "-").replaceAll("/", "_") };
  try {
    const secret = diffieHellman({ privateKey, publicKey: createPublicKey({ key: jwk, format: "jwk" }) });
    const key = new Uint32Array(8);
    hsalsa(words(Buffer.from("expand 32-byte k")), words(secret), new Uint32Array(4), key);
    return new Uint8Array(key.buffer);
  } catch {
    return undefined;
  }
}

function words(bytes: Buffer): Uint32Array {
  return new Uint32Array(Uint8Array.from(bytes).buffer);
}

function open(key: Uint8Array, sealed: string): string | undefined {
  const [, length, nonce = "", ciphertext = ""] = SEALED.exec(sealed) ?? [];
  const bytes = Buffer.from(ciphertext, "base64");
  if (length === undefined || bytes.length < Number(length) + TAG_BYTES) return undefined;
  try {
    return Buffer.from(secretbox(key, Buffer.from(nonce, "base64")).open(bytes)).toString("utf8");
  } catch {
    return "";
  }
}

function seal(key: Uint8Array, plain: string): string {
  const [bytes, nonce] = [Buffer.from(plain), randomBytes(NONCE_BYTES)];
  return `${bytes.length}:${base64(nonce)}:${base64(secretbox(key, nonce).seal(bytes))}`;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}
