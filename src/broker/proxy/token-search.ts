/** Nobody's links are encoded more often. */
const MOST_ENCODINGS = 3;

/**
 * Whether a header's name or value repeats one of these tokens, whatever of it is percent-encoded or escaped as in JSON, and in any
 * case of letters (names are in lower case).
 */
export function tells(text: string, tokens: readonly string[]): boolean {
  const secrets = tokens.map((token) => token.toLowerCase());
  let seen = text.toLowerCase();
  for (let times = 0; times <= MOST_ENCODINGS; times++) {
    if (secrets.some((secret) => seen.includes(secret))) return true;
    const decoded = seen.replaceAll(/(?:%|\\u00)([0-7][0-9a-f])|\\([^a-z0-9])/g, (_, hex?: string, sign = "") =>
      hex === undefined ? sign : String.fromCharCode(Number.parseInt(hex, 16)).toLowerCase(),
    );
    if (decoded === seen) return false;
    seen = decoded;
  }
  return false;
}

/** A stream without any of these tokens; `broken` and `over` as below. */
export function withoutTokens(
  body: AsyncIterable<Uint8Array>,
  [first = "", ...others]: readonly string[],
  broken?: (error: unknown) => unknown,
  over?: () => void,
): WithoutToken {
  const searched = others.reduce((bytes, token) => new WithoutToken(bytes, token), body);
  return new WithoutToken(searched, first, broken, over);
}

/**
 * A stream in which every copy of a token is as many asterisks, so that lengths stay. A character that is no letter or digit may
 * be percent-encoded (RFC 3986 2.1) or escaped as JSON encoders do (RFC 8259 7), each by itself and in any case. Whoever
 * writes it otherwise is not found out; see SECURITY.md. A piece goes on at once but for an end that may begin a token.
 * `broken`: what is thrown instead of the stream's own error; `over`: told once that nobody reads on. One object, since a stream
 * may stay open for days and there may be thousands.
 */
export class WithoutToken implements AsyncIterableIterator<Uint8Array> {
  readonly #pieces: AsyncIterator<Uint8Array>;
  readonly #token: string;
  readonly #broken: (error: unknown) => unknown;
  readonly #over: () => void;
  #held = NOTHING;
  #isOver = false;

  constructor(
    body: AsyncIterable<Uint8Array>,
    token: string,
    broken: (error: unknown) => unknown = (error) => error,
    over: () => void = () => {},
  ) {
    this.#pieces = body[Symbol.asyncIterator]();
    this.#token = token;
    this.#broken = broken;
    this.#over = over;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    try {
      while (!this.#isOver) {
        const { done, value } = await this.#pieces.next();
        const piece = done ? this.#end() : this.#search(value);
        if (piece.length > 0) return { done: false, value: piece };
      }
      return { done: true, value: undefined };
    } catch (error) {
      this.#end();
      throw this.#broken(error);
    }
  }

  #search(piece: Uint8Array): Uint8Array {
    const { seen, end } = hidden(this.#held, piece, this.#token);
    this.#held = end < seen.length ? seen.subarray(end) : NOTHING;
    return seen.subarray(0, end);
  }

  /** What was held may have begun a token, and is none. */
  #end(): Uint8Array {
    if (!this.#isOver) this.#over();
    this.#isOver = true;
    return this.#held;
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.#end();
    await this.#pieces.return?.();
    return { done: true, value: undefined };
  }
}

/** The same of bytes that are whole. */
export function wholeWithoutTokens(whole: Uint8Array, tokens: readonly string[]): Uint8Array {
  return tokens.reduce((bytes, token) => hidden(NOTHING, bytes, token).seen, whole);
}

const NOTHING: Buffer = Buffer.alloc(0);

/** What is seen now, without the tokens in it, and where it ends: from there on one may begin. */
function hidden(held: Buffer, chunk: Uint8Array, token: string): { readonly seen: Buffer; readonly end: number } {
  // Most pieces hold no token, and go on as they came.
  let isOwn = held.length > 0;
  let seen = isOwn ? Buffer.concat([held, chunk]) : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  const start = plainStart(token);
  for (let at = nextStart(seen, 0, start, token); at < seen.length; at = nextStart(seen, at + 1, start, token)) {
    const length = lengthOf(seen, at, token);
    if (length === undefined) return { seen, end: at };
    if (length > 0) {
      if (!isOwn) [seen, isOwn] = [Buffer.from(seen), true];
      seen.fill("*", at, at + length);
      at += length - 1;
    }
  }
  return { seen, end: seen.length };
}

/** Letters and digits have one spelling: what a token begins with of those is found by Node's own search, many times as fast. */
function plainStart(token: string): string {
  return /^[a-z0-9]*/i.exec(token)?.[0] ?? "";
}

/** The next place where a token may begin, also one of which the bytes end too early; the end where there is none. */
function nextStart(seen: Buffer, from: number, start: string, token: string): number {
  const whole = start === "" ? -1 : seen.indexOf(start, from, "latin1");
  if (whole !== -1) return whole;
  const isFirst = firstBytes(token[0] ?? "");
  let at = start === "" ? from : Math.max(from, seen.length - start.length + 1);
  while (at < seen.length && isFirst[seen[at] ?? 0] === 0) at++;
  return at;
}

/** By character: a stream that lasts holds none of its own. */
const SPELLINGS = new Map<string, readonly string[]>();
const FIRST_BYTES = new Map<string, Uint8Array>();

/** Which bytes may begin a token of that first character. */
function firstBytes(character: string): Uint8Array {
  const known = FIRST_BYTES.get(character);
  if (known) return known;
  const isFirst = new Uint8Array(256);
  for (const spelling of spellingsOf(character)) isFirst[spelling.charCodeAt(0)] = 1;
  if (character <= "\x7f") FIRST_BYTES.set(character, isFirst);
  return isFirst;
}

/** Ways to write a character, in lower case where case does not count. */
function spellingsOf(character: string): readonly string[] {
  const known = SPELLINGS.get(character);
  if (known) return known;
  const hex = character.charCodeAt(0).toString(16);
  const others = [`%${hex.padStart(2, "0")}`, `\\u${hex.padStart(4, "0")}`, `\\${character}`];
  const spellings = /[a-z0-9]/i.test(character) ? [character] : [character, ...others];
  // Tokens are ASCII (RFC 6750 2.1).
  if (character <= "\x7f") SPELLINGS.set(character, spellings);
  return spellings;
}

/** Of the token that stands there; 0 where none does, undefined where the bytes end too early to say. */
function lengthOf(bytes: Buffer, from: number, token: string): number | undefined {
  let at = from;
  for (const character of token) {
    const width = widthOf(bytes, at, spellingsOf(character));
    if (width === 0 || width === undefined) return width;
    at += width;
  }
  return at - from;
}

function widthOf(bytes: Buffer, at: number, [plain = "", ...others]: readonly string[]): number | undefined {
  if (at >= bytes.length) return undefined;
  if (bytes[at] === plain.charCodeAt(0)) return 1;
  for (const spelling of others) {
    const there = bytes.toString("latin1", at, at + spelling.length).toLowerCase();
    if (there === spelling) return spelling.length;
    if (at + there.length === bytes.length && spelling.startsWith(there)) return undefined;
  }
  return 0;
}
