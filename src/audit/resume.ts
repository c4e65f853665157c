import { type ChainEnd, hashOf } from "./chain.ts";

/** What a line begins with, behind a device's prefix. */
const START = '{"line":';

/** A line without what a device writes before it. */
export function bare(line: string): string {
  return line.slice(Math.max(0, line.indexOf(START)));
}

/** What a device may write before a line. */
export function isPrefix(text: string): boolean {
  return /^[\x20-\x7a\x7c-\x7e]{0,256}$/.test(text);
}

/** What the end of a file says of its chain. */
export interface Left {
  readonly end?: ChainEnd;
  /** Its last line is whole, and lacks the newline. */
  readonly isUnended?: true;
  /** What a killed process left of a line: its bytes, and their SHA-256. */
  readonly half?: { readonly bytes: number; readonly hash: string };
}

/** Throws an error with a sentence for a file that holds something else. */
export function leftIn(tail: Uint8Array): Left {
  const bytes = Buffer.from(tail);
  const last = bytes.lastIndexOf(0x0a);
  const rest = bytes.subarray(last + 1);
  const unended = endOf(bare(rest.toString("utf8")));
  if (unended) return { end: unended, isUnended: true };
  const before = bytes.subarray(0, Math.max(0, last));
  const line = bare(before.subarray(before.lastIndexOf(0x0a) + 1).toString("utf8"));
  const end = last === -1 ? undefined : endOf(line);
  if ((last === -1 && !isBegun(rest)) || (last !== -1 && !end)) {
    throw new Error("the file holds something else than an audit log: give another one");
  }
  return { ...(end && { end }), ...(rest.length > 0 && { half: { bytes: rest.length, hash: hashOf(rest) } }) };
}

/** Nothing at all, or the start of a line. */
function isBegun(rest: Uint8Array): boolean {
  const text = Buffer.from(rest).toString("utf8");
  return START.startsWith(text) || text.includes(START);
}

function endOf(line: string): ChainEnd | undefined {
  const number = numberOf(line);
  return number === undefined ? undefined : { line: number, hash: hashOf(line) };
}

/** The number of a line, or undefined for what is none. */
function numberOf(line: string): number | undefined {
  const record = parsed(line);
  return record && typeof record.line === "number" && typeof record.previous === "string" ? record.line : undefined;
}

/** The fields of a line, or undefined. */
export function parsed(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
