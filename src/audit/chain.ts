import { createPrivateKey, createPublicKey, hash, type KeyObject, sign, verify } from "node:crypto";

/** Where a chain of lines is: the number of its last line, and that line's SHA-256 (base64url). */
export interface ChainEnd {
  readonly line: number;
  readonly hash: string;
}

export const BEGINNING: ChainEnd = { line: 0, hash: "" };

/** Between the text that is signed and its signature. */
const SIGNATURE = ',"signature":"';

export function hashOf(text: string | Uint8Array): string {
  return hash("sha256", text, "base64url");
}

/** Lines, each of which has its number and the hash of the one before. */
export class Chain {
  #end: ChainEnd;

  constructor(end: ChainEnd) {
    this.#end = end;
  }

  get end(): ChainEnd {
    return this.#end;
  }

  /** The whole line, without its end; `rest` begins with the first field behind its place and ends with `}`. */
  link(rest: string): string {
    const { line, hash: before } = this.#end;
    const text = `{"line":${line + 1},"previous":"${before}",${rest}`;
    this.#end = { line: line + 1, hash: hashOf(text) };
    return text;
  }

  /** A line that is signed: whatever stands before it cannot be changed by whoever lacks the key. */
  head(time: number, signer: Signer): string {
    const { line, hash: before } = this.#end;
    const at = new Date(time).toISOString();
    const fields = `{"line":${line + 1},"previous":"${before}","time":"${at}","type":"head","key":"${signer.key}"`;
    const text = `${fields}${SIGNATURE}${signer.sign(fields)}"}`;
    this.#end = { line: line + 1, hash: hashOf(text) };
    return text;
  }
}

/** Ed25519 (RFC 8032). */
export interface Signer {
  /** The public key, SPKI in base64url. */
  readonly key: string;
  sign(text: string): string;
}

/** `pkcs8`: the private key, in base64url. */
export function signerOf(pkcs8: string): Signer {
  const secret = createPrivateKey({ key: Buffer.from(pkcs8, "base64url"), format: "der", type: "pkcs8" });
  const key = createPublicKey(secret).export({ format: "der", type: "spki" }).toString("base64url");
  return { key, sign: (text) => sign(null, Buffer.from(text), secret).toString("base64url") };
}

/** Whether the line of a head is signed by a key (SPKI, base64url). */
export function isSignedBy(key: string, line: string): boolean {
  const at = line.lastIndexOf(SIGNATURE);
  const signature = line.slice(at + SIGNATURE.length, -'"}'.length);
  const known = at === -1 ? undefined : publicKey(key);
  return (
    known !== undefined && verify(null, Buffer.from(line.slice(0, at)), known, Buffer.from(signature, "base64url"))
  );
}

function publicKey(key: string): KeyObject | undefined {
  try {
    return createPublicKey({ key: Buffer.from(key, "base64url"), format: "der", type: "spki" });
  } catch {
    return undefined;
  }
}
