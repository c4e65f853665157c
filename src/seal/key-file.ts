import { randomBytes } from "node:crypto";
import { closeSync, constants, existsSync, fstatSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import type { KeyEncryptionKey } from "./key-ring.ts";

/** The key cannot be had; the message says what to do. Ends the start, and nothing is changed. */
export class KeyUnusable extends Error {
  override readonly name = "KeyUnusable";
}

const BYTES = 32;

/**
 * The key-encryption key: `source` is COATCHECK_KEY (base64url of 32 bytes, or `file:PATH`); without it the file `key` in
 * the data folder, made at the first start if `mayCreate`. Throws `KeyUnusable`.
 */
export function loadKey(
  source: string | undefined,
  dataDir: string,
  { mayCreate }: { mayCreate: boolean },
): { readonly key: KeyEncryptionKey; readonly origin: string } {
  if (source !== undefined && !source.startsWith("file:")) {
    return { key: decode(source, "COATCHECK_KEY"), origin: "COATCHECK_KEY" };
  }
  const path = source === undefined ? join(dataDir, "key") : source.slice("file:".length);
  if (!existsSync(path)) {
    if (source !== undefined) throw new KeyUnusable(`the key file ${path} does not exist: check COATCHECK_KEY`);
    if (!mayCreate) {
      throw new KeyUnusable(
        `the key file ${path} is missing, and what is stored cannot be read without it: put the key back, or give it by COATCHECK_KEY; nothing was changed`,
      );
    }
    create(path);
  }
  return { key: decode(readPrivate(path), path), origin: path };
}

function decode(text: string, where: string): KeyEncryptionKey {
  const key = Buffer.from(text.trim(), "base64url");
  if (key.length !== BYTES || key.toString("base64url") !== text.trim().replace(/=+$/, "")) {
    throw new KeyUnusable(`${where} must hold ${BYTES} bytes as base64url (43 characters)`);
  }
  return key;
}

/** 0600 from its first moment, and durable before anything is sealed with it. */
function create(path: string): void {
  const file = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    writeSync(file, `${randomBytes(BYTES).toString("base64url")}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  const folder = openSync(dirname(path), constants.O_RDONLY);
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** Refuses what others could read or swap: a symbolic link, a group- or world-readable file. */
function readPrivate(path: string): string {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ELOOP") throw new KeyUnusable(`the key file ${path} is a symbolic link: name the file itself`);
    throw new KeyUnusable(`the key file ${path} cannot be read (${code})`);
  }
  try {
    if ((fstatSync(file).mode & 0o077) !== 0) {
      throw new KeyUnusable(`the key file ${path} can be read by others: run chmod 600 ${path}`);
    }
    return readFileSync(file, "utf8");
  } finally {
    closeSync(file);
  }
}
