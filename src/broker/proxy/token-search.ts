/**
 * How a token may be written in an answer, as it is: verbatim, percent-encoded (RFC 3986 2.1), and as some JSON encoders
 * write a slash (RFC 8259 7). Whoever encodes it otherwise is not found out; see SECURITY.md.
 */
function formsOf(token: string): readonly string[] {
  return [...new Set([token, encodeURIComponent(token), token.replaceAll("/", "\\/")])];
}

/** Nobody's links are encoded more often. */
const MOST_ENCODINGS = 3;

/** Whether a header's name or value repeats a token, whatever of it is percent-encoded, and in any case of letters (names are in lower case). */
export function tells(text: string, token: string): boolean {
  const secret = token.toLowerCase();
  let seen = text.toLowerCase();
  for (let times = 0; times <= MOST_ENCODINGS; times++) {
    if (seen.includes(secret)) return true;
    const decoded = seen.replaceAll(/%([0-7][0-9a-f])/g, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)).toLowerCase(),
    );
    if (decoded === seen) return false;
    seen = decoded;
  }
  return false;
}

/** A stream in which every copy of a token is as many asterisks, so that lengths stay. */
export function withoutToken(body: AsyncIterable<Uint8Array>, token: string): AsyncIterable<Uint8Array> {
  return formsOf(token).reduce((rest, form) => without(rest, Buffer.from(form, "latin1")), body);
}

/** A piece goes on at once but for the end of it that may be the beginning of the secret. */
async function* without(body: AsyncIterable<Uint8Array>, secret: Buffer): AsyncGenerator<Uint8Array> {
  let held: Buffer = Buffer.alloc(0);
  for await (const chunk of body) {
    const seen = Buffer.concat([held, chunk]);
    const end = seen.length - tailLength(seen, secret);
    hide(seen, secret);
    held = seen.subarray(end);
    if (end > 0) yield seen.subarray(0, end);
  }
  if (held.length > 0) yield held;
}

function hide(bytes: Buffer, secret: Buffer): void {
  for (let at = bytes.indexOf(secret); at !== -1; at = bytes.indexOf(secret, at + secret.length)) {
    bytes.fill("*", at, at + secret.length);
  }
}

/** How much of the end is a beginning of the secret, and not the whole of it. */
function tailLength(bytes: Buffer, secret: Buffer): number {
  const longest = Math.min(bytes.length, secret.length - 1);
  for (let length = longest; length > 0; length--) {
    if (bytes.subarray(bytes.length - length).equals(secret.subarray(0, length))) return length;
  }
  return 0;
}
