import { constants, promises } from "node:fs";
import { parsed } from "./resume.ts";

export interface LineQuery {
  /** What a line has to have somewhere, as it is or by its hash; undefined = any line. */
  readonly wanted: { readonly plain: string; readonly hashed: string } | undefined;
  /** Only what ends before this byte of the file; undefined = its end. */
  readonly before: number | undefined;
  readonly limit: number;
}

export interface LinePage {
  /** The latest first. */
  readonly lines: readonly Readonly<Record<string, unknown>>[];
  /** Where to go on towards the beginning, if there is more to look at. */
  readonly next?: number;
}

/** Bytes of the file that are looked at for one question. */
const MOST_BYTES = 2_097_152;

const NEWLINE = 0x0a;

/** The latest lines of an audit log's file. Rejects where it cannot be read. */
export async function searchFile(path: string, { wanted, before, limit }: LineQuery): Promise<LinePage> {
  const { bytes, start } = await endOf(path, before);
  const lines: Readonly<Record<string, unknown>>[] = [];
  let end = bytes.length;
  while (lines.length < limit) {
    // A newline ends each line, also the last.
    const from = end < 2 ? 0 : bytes.lastIndexOf(NEWLINE, end - 2) + 1;
    if (end <= 0 || (from === 0 && start > 0)) break;
    const text = bytes.toString("utf8", from, end);
    if (!wanted || has(text, wanted)) lines.push(...lineIn(text));
    end = from;
  }
  // A line that is longer than what is looked at is passed over.
  const next = start + (end === bytes.length ? 0 : end);
  return { lines, ...(next > 0 && { next }) };
}

const SEARCH = /"path":"(?:sys\/audit-search\/|ui\/access\/audit")/;

/** A search for a value is recorded with its hash: it would find itself, and all before it. */
function has(text: string, { plain, hashed }: NonNullable<LineQuery["wanted"]>): boolean {
  return text.includes(plain) || (text.includes(hashed) && !SEARCH.test(text));
}

async function endOf(path: string, before: number | undefined): Promise<{ bytes: Buffer; start: number }> {
  // A pipe or terminal (`/dev/stdout`) would be waited for, and is read by somebody else (ST-175).
  const file = await promises.open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const about = await file.stat();
    if (!about.isFile()) throw new Error("it is no file that keeps what is written");
    const { size } = about;
    const end = Math.min(before ?? size, size);
    const start = Math.max(0, end - MOST_BYTES);
    const bytes = Buffer.alloc(end - start);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, start);
    return { bytes: bytes.subarray(0, bytesRead), start };
  } finally {
    await file.close();
  }
}

/** Nothing else of a file is shown, whatever it became. */
function lineIn(text: string): readonly Readonly<Record<string, unknown>>[] {
  const line = parsed(text);
  return typeof line?.line === "number" && typeof line.previous === "string" ? [line] : [];
}
