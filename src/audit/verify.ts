import { type ChainEnd, hashOf, isSignedBy } from "./chain.ts";
import { bare, isPrefix, parsed } from "./resume.ts";

/** What a look through lines has found. */
export interface Findings {
  /** Lines of the log. */
  readonly lines: number;
  /** Numbers that they have. */
  readonly first?: number;
  readonly last?: number;
  readonly heads: number;
  /** Keys that heads were signed with: SPKI, base64url. */
  readonly keys: readonly string[];
  /** Lines behind the last head, which nothing signs yet. */
  readonly unsigned: number;
  /** Each a sentence; none: everything is as it was written. */
  readonly problems: readonly string[];
  readonly notes: readonly string[];
}

/** What is known from elsewhere. */
export interface Expected {
  /** Of which heads must be: SPKI, base64url. */
  readonly key?: string | undefined;
  /** Earlier lines are in other files. */
  readonly isContinued?: boolean;
  /** A line that must be there, as an `audit_head` of the operational log tells it. */
  readonly head?: ChainEnd | undefined;
}

interface Line {
  readonly text: string;
  readonly record: Readonly<Record<string, unknown>>;
  readonly number: number;
  readonly where: string;
}

/** More would say no more. */
const MOST_PROBLEMS = 20;

/** Follows a chain line by line, over one file or several in order; says what does not fit. */
export class Verifier {
  readonly #expected: Expected;
  readonly #problems: string[] = [];
  readonly #notes: string[] = [];
  readonly #keys = new Set<string>();
  #at: ChainEnd | undefined;
  #lastHead: ChainEnd | undefined;
  #half: { readonly hash: string; readonly where: string } | undefined;
  #seen = { lines: 0, heads: 0, unsigned: 0 };
  #first: number | undefined;
  #hasHead = false;

  constructor(expected: Expected = {}) {
    this.#expected = expected;
  }

  /** A line without its end; `where`: for people. */
  take(given: Uint8Array, where: string): void {
    const whole = Buffer.from(given).toString("utf8");
    const text = bare(whole);
    const record = parsed(text);
    const number = record?.line;
    if (!record || typeof number !== "number") {
      this.#unreadable(given, where);
      return;
    }
    this.#line({ text, record, number, where });
    // No hash is of it (ST-128).
    if (!isPrefix(whole.slice(0, -text.length))) this.#tell(`${where}: something else stands before line ${number}`);
  }

  end(): Findings {
    const { head } = this.#expected;
    const last = this.#at?.line;
    if (head && !this.#hasHead) {
      const isCut = last === undefined || last < head.line;
      this.#tell(isCut ? `the end is missing: line ${head.line} was written` : `line ${head.line} is missing`);
    }
    if (this.#half) this.#notes.push(`${this.#half.where} is half a line: the process was killed, or still writes`);
    return {
      ...this.#seen,
      ...(this.#first !== undefined && { first: this.#first }),
      ...(last !== undefined && { last }),
      keys: [...this.#keys],
      problems: this.#problems,
      notes: this.#notes,
    };
  }

  #line({ text, record, number, where }: Line): void {
    this.#afterHalf(record, where);
    if (!this.#at) this.#begin(number);
    else if (!this.#isNext(record, number)) this.#misplaced(record, number, where);
    this.#seen.lines += 1;
    this.#seen.unsigned += 1;
    const end = { line: number, hash: hashOf(text) };
    this.#at = end;
    if (record.type === "head") this.#head(text, record, end);
    const { head } = this.#expected;
    if (head?.line !== number) return;
    this.#hasHead = true;
    if (head.hash !== end.hash) this.#tell(`line ${number} is not the one that was logged as a head`);
  }

  #begin(number: number): void {
    this.#first = number;
    if (number === 1 || this.#expected.isContinued) return;
    this.#tell(`lines 1 to ${number - 1} are missing: name the files before this one as well`);
  }

  #isNext({ previous }: Line["record"], number: number): boolean {
    return number === (this.#at?.line ?? 0) + 1 && previous === this.#at?.hash;
  }

  #misplaced({ type, previous }: Line["record"], number: number, where: string): void {
    const { line = 0 } = this.#at ?? {};
    const isResumed =
      type === "start" && number === (this.#lastHead?.line ?? -1) + 1 && previous === this.#lastHead?.hash;
    if (isResumed) this.#notes.push(`${where}: begins again behind line ${number - 1}, the last one that was signed`);
    else if (number === line + 1) this.#tell(`${where}: line ${line}, before it, was changed`);
    else if (number > line) this.#tell(`${where}: ${span(line + 1, number - 1)} missing`);
    else this.#tell(`${where}: line ${number} comes after line ${line}`);
  }

  #head(text: string, { key }: Line["record"], end: ChainEnd): void {
    const named = typeof key === "string" ? key : "";
    this.#keys.add(named);
    this.#seen.heads += 1;
    this.#seen.unsigned = 0;
    this.#lastHead = end;
    const isOther = this.#expected.key !== undefined && this.#expected.key !== named;
    if (!isSignedBy(named, text)) this.#tell(`line ${end.line}: its signature does not hold`);
    else if (isOther) this.#tell(`line ${end.line}: it is signed by another key`);
  }

  /** What a killed process left is a part of the chain by what is said of it at the next start. */
  #afterHalf({ type, half }: Line["record"], where: string): void {
    const before = this.#half;
    this.#half = undefined;
    const told = typeof half === "object" && half !== null && "hash" in half ? half.hash : undefined;
    if (!before) {
      if (told !== undefined) this.#tell(`${where}: the half line before it is missing`);
    } else if (type === "start" && told === before.hash)
      this.#notes.push(`${before.where} is half a line: the process was killed`);
    else this.#tell(`${before.where} is no line of an audit log`);
  }

  #unreadable(given: Uint8Array, where: string): void {
    if (this.#half) this.#tell(`${this.#half.where} is no line of an audit log`);
    this.#half = { hash: hashOf(given), where };
  }

  #tell(problem: string): void {
    if (this.#problems.length < MOST_PROBLEMS) this.#problems.push(problem);
  }
}

function span(first: number, last: number): string {
  return first === last ? `line ${first} is` : `lines ${first} to ${last} are`;
}
