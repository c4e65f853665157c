import { JsonNumber } from "./json-number.ts";

/** Nothing that is asked for is nested so deep. */
const DEEPEST = 128;

/** Space, tab, line feed, carriage return. */
const SPACES: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d]);
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const LITERALS: ReadonlyMap<string, boolean | null> = new Map([
  ["true", true],
  ["false", false],
  ["null", null],
]);

/**
 * JSON text (RFC 8259) with every number as `JsonNumber`, which JSON.parse tells of by a reviver alone: at two microseconds a
 * value that is a second for a mebibyte of zeros. This is one pass. Strings are JSON.parse's, so that they mean the same.
 * Throws a `SyntaxError`, which may repeat the text, and a `RangeError` for what is nested too deep.
 */
export function parseJson(text: string): unknown {
  const reader = new Reader(text);
  const value = reader.value(0);
  reader.end();
  return value;
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): unknown {
    if (depth > DEEPEST) throw new RangeError("nested too deep");
    this.#skipSpace();
    const first = this.#text[this.#at];
    if (first === "{") return this.#object(depth);
    if (first === "[") return this.#list(depth);
    if (first === '"') return this.#string();
    return this.#scalar();
  }

  end(): void {
    this.#skipSpace();
    if (this.#at < this.#text.length) throw this.#unexpected();
  }

  /** Own properties, whatever they are called; the last of a name wins. */
  #object(depth: number): Record<string, unknown> {
    const entries: [string, unknown][] = [];
    this.#items("}", () => {
      this.#skipSpace();
      const name = this.#string();
      this.#skipSpace();
      if (!this.#takes(":")) throw this.#unexpected();
      entries.push([name, this.value(depth + 1)]);
    });
    return Object.fromEntries(entries);
  }

  #list(depth: number): unknown[] {
    const items: unknown[] = [];
    this.#items("]", () => items.push(this.value(depth + 1)));
    return items;
  }

  /** From the opening bracket to the closing one. */
  #items(closing: string, item: () => void): void {
    this.#at += 1;
    this.#skipSpace();
    if (this.#takes(closing)) return;
    do {
      item();
      this.#skipSpace();
    } while (this.#takes(","));
    if (!this.#takes(closing)) throw this.#unexpected();
  }

  #string(): string {
    if (this.#text[this.#at] !== '"') throw this.#unexpected();
    let end = this.#at;
    do end = this.#text.indexOf('"', end + 1);
    while (end !== -1 && this.#isEscaped(end));
    if (end === -1) throw this.#unexpected();
    const value = JSON.parse(this.#text.slice(this.#at, end + 1)) as string;
    this.#at = end + 1;
    // Half a surrogate pair cannot be encoded again; Go puts U+FFFD there.
    return value.toWellFormed();
  }

  /** By an odd number of backslashes before it. */
  #isEscaped(at: number): boolean {
    let before = at - 1;
    while (this.#text[before] === "\\") before -= 1;
    return (at - before) % 2 === 0;
  }

  #scalar(): JsonNumber | boolean | null {
    const start = this.#at;
    NUMBER.lastIndex = start;
    if (NUMBER.test(this.#text)) {
      this.#at = NUMBER.lastIndex;
      return new JsonNumber(this.#text.slice(start, this.#at));
    }
    for (const [word, value] of LITERALS) if (this.#takes(word)) return value;
    throw this.#unexpected();
  }

  #skipSpace(): void {
    while (SPACES.has(this.#text.charCodeAt(this.#at))) this.#at += 1;
  }

  #takes(word: string): boolean {
    if (!this.#text.startsWith(word, this.#at)) return false;
    this.#at += word.length;
    return true;
  }

  #unexpected(): SyntaxError {
    return new SyntaxError(`no JSON at ${this.#at}`);
  }
}
