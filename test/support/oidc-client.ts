import { connect } from "node:net";
import nacl from "tweetnacl";

const TAG_BYTES = 16;

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
const bytesOf = (text = "") => new Uint8Array(Buffer.from(text, "base64"));

interface Spoil {
  /** Said in parts of so many bytes. */
  readonly parts?: number;
  /** Changes what is sent in place of the sealed request. */
  readonly change?: (sealed: string) => string;
}

/**
 * The client's half of oidc-agent's protocol, as its C library holds it and with another implementation of NaCl than ours: the
 * key goes first, each answer is read once and whole, and the length is believed. Answers the plaintext.
 */
export function askSealed(path: string, request: string, { parts = 1_000, change = (same) => same }: Spoil = {}) {
  const own = nacl.box.keyPair();
  let shared: Uint8Array | undefined;
  return new Promise<string>((resolve, reject) => {
    const socket = connect(path, () => void say(base64(own.publicKey)));
    const say = async (text: string) => {
      for (let at = 0; at < text.length; at += parts) {
        socket.write(text.slice(at, at + parts));
        // Or else the kernel may join them.
        await new Promise(setImmediate);
      }
    };
    socket.setEncoding("latin1").on("error", reject);
    socket.on("data", (read: string) => {
      if (shared) {
        socket.end();
        return resolve(read.startsWith("{") ? read : unsealed(read, shared));
      }
      shared = nacl.box.before(bytesOf(read), own.secretKey);
      void say(change(sealed(request, shared)));
    });
    socket.on("close", () => reject(new Error("closed without an answer")));
  });
}

function sealed(request: string, key: Uint8Array): string {
  const [plain, nonce] = [new Uint8Array(Buffer.from(request)), nacl.randomBytes(nacl.secretbox.nonceLength)];
  return `${plain.length}:${base64(nonce)}:${base64(nacl.secretbox(plain, nonce, key))}`;
}

function unsealed(text: string, key: Uint8Array): string {
  const [length, nonce, ciphertext] = text.split(":");
  const bytes = bytesOf(ciphertext).subarray(0, Number(length) + TAG_BYTES);
  const plain = nacl.secretbox.open(bytes, bytesOf(nonce), key);
  if (!plain) throw new Error("the answer cannot be opened");
  return Buffer.from(plain).toString("utf8");
}
