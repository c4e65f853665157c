import { randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { errorCode } from "../error-code.ts";
import { type KeyEncryptionKey, keyIdOf } from "./key-ring.ts";

/** The key cannot be had or kept; the message says what to do. Nothing is changed. */
export class KeyUnusable extends Error {
  override readonly name = "KeyUnusable";
}

/** Where the keys come from. */
export interface KeySource {
  /** The first seals, all open. */
  readonly keys: readonly KeyEncryptionKey[];
  /** For people: the variable or the file. */
  readonly origin: string;
  /** The file they are in; absent when they were given as such. */
  readonly file?: string;
}

const BYTES = 32;

/**
 * The key-encryption keys: `source` is COATCHECK_KEY (base64url of 32 bytes, several of them separated by commas, or
 * `file:PATH` with one a line); without it the file `key` in the data folder, made at the first start if `mayCreate`.
 * Throws `KeyUnusable`.
 */
export function loadKeys(
  source: string | undefined,
  dataDir: string,
  { mayCreate }: { mayCreate: boolean },
): KeySource {
  if (source !== undefined && !source.startsWith("file:")) {
    return { keys: decodeAll(source.split(","), "COATCHECK_KEY", "key"), origin: "COATCHECK_KEY" };
  }
  const file = source === undefined ? join(dataDir, "key") : source.slice("file:".length);
  if (!existsSync(file)) {
    if (source !== undefined)
      throw new KeyUnusable(
        `the key file ${file} does not exist: check COATCHECK_KEY, or "key" in the configuration file`,
      );
    if (!mayCreate) {
      throw new KeyUnusable(
        `the key file ${file} is missing, and the stored data cannot be read without it: put the key file back, or give the key in COATCHECK_KEY; nothing was changed`,
      );
    }
    create(file, [newKey()]);
    syncFolderOf(file);
  }
  return { keys: readKeys(file), origin: file, file };
}

export function newKey(): KeyEncryptionKey {
  return randomBytes(BYTES);
}

/** Throws `KeyUnusable`. */
export function readKeys(file: string): readonly KeyEncryptionKey[] {
  return decodeAll(readPrivate(file).trim().split("\n"), file, "line");
}

/**
 * Puts these keys in the place of those in the file: durable when it returns, and whoever reads it meanwhile, or after a
 * crash, finds the old ones or the new ones. Throws `KeyUnusable`.
 */
export function replaceKeys(file: string, keys: readonly KeyEncryptionKey[]): void {
  const next = `${file}.new`;
  try {
    rmSync(next, { force: true });
    create(next, keys);
    renameSync(next, file);
    syncFolderOf(file);
  } catch (error) {
    const why = errorCode(error) ?? (error instanceof Error ? error.message : "unknown error");
    rmSync(next, { force: true });
    throw new KeyUnusable(
      `the key file ${file} cannot be written (${why}): let the broker write the file and its folder; or add a new key as the first line of the file, and restart`,
    );
  }
}

/** A key that is there twice counts once, at its first place. */
function decodeAll(texts: readonly string[], where: string, noun: string): readonly KeyEncryptionKey[] {
  const keys = texts.map((text, index) =>
    decode(text, texts.length === 1 ? where : `${noun} ${index + 1} of ${where}`),
  );
  return [...new Map(keys.map((key) => [keyIdOf(key), key])).values()];
}

function decode(text: string, where: string): KeyEncryptionKey {
  const key = Buffer.from(text.trim(), "base64url");
  if (key.length !== BYTES || key.toString("base64url") !== text.trim().replace(/=+$/, "")) {
    throw new KeyUnusable(`${where} must contain ${BYTES} bytes as base64url (43 characters)`);
  }
  return key;
}

/** 0600 from its first moment, and durable before anything is sealed with it. */
function create(path: string, keys: readonly KeyEncryptionKey[]): void {
  const file = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    writeFileSync(file, keys.map((key) => `${Buffer.from(key).toString("base64url")}\n`).join(""));
    fsyncSync(file);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
}

function syncFolderOf(path: string): void {
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
    const code = errorCode(error);
    if (code === "ELOOP")
      throw new KeyUnusable(`the key file ${path} is a symbolic link: give the path of the file itself`);
    throw new KeyUnusable(`the key file ${path} cannot be read (${code})`);
  }
  try {
    if ((fstatSync(file).mode & 0o077) !== 0) {
      throw new KeyUnusable(`other users can read the key file ${path}: run chmod 600 ${path}`);
    }
    return readFileSync(file, "utf8");
  } finally {
    closeSync(file);
  }
}
