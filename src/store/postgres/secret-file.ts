import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from "node:fs";
import { errorCode } from "../../error-code.ts";

/** A key, or a line for each database: more than this is another file. Bytes. */
const LONGEST = 1_048_576;

/** Bits of a mode: anything for others; beyond that, what the group may do but read. */
const OTHERS = 0o077;
const MORE_THAN_READING = 0o037;

type Judge = (path: string, found: Stats) => string | undefined;

/** What libpq takes for a passfile: one that its owner alone can read. */
export const passfileExposure: Judge = (path, { mode }) => {
  return (mode & OTHERS) === 0 ? undefined : `other users have access to ${path}: run chmod 0600 ${path}`;
};

/** What libpq takes for a private key: 0600, or 0640 of root's, whose group is then the reader's. */
export const keyExposure: Judge = (path, { mode, uid }) => {
  const isRoots = uid === 0;
  if (!isRoots && uid !== process.geteuid?.()) return `another user (${uid}) owns ${path}: change the owner with chown`;
  if ((mode & (isRoots ? MORE_THAN_READING : OTHERS)) === 0) return undefined;
  return `other users have access to ${path}: run chmod ${isRoots ? "0640" : "0600"} ${path}`;
};

/**
 * A file with a secret that a parameter of the address names. Judged and read through one descriptor, so that nobody changes what
 * lies there in between; a pipe never keeps us. Throws an `Error` that says what to do.
 */
export function readSecretFile(parameter: string, path: string, exposureOf: Judge): string {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw new Error(`${parameter}: ${path} cannot be read (${errorCode(error)})`);
  }
  try {
    const found = fstatSync(file);
    if (!found.isFile()) throw new Error(`${parameter}: ${path} is not a plain file`);
    const exposure = process.platform === "win32" ? undefined : exposureOf(path, found);
    if (exposure !== undefined) throw new Error(`${parameter}: ${exposure}`);
    if (found.size > LONGEST) throw new Error(`${parameter}: ${path} is larger than a mebibyte: name the right file`);
    return readFileSync(file, "utf8");
  } finally {
    closeSync(file);
  }
}
