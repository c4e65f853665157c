/**
 * A stream in which every copy of a token is as many asterisks, so that lengths stay. A piece goes on at once but for the
 * end of it that may be the beginning of the token.
 */
export async function* withoutToken(body: AsyncIterable<Uint8Array>, token: string): AsyncGenerator<Uint8Array> {
  const secret = Buffer.from(token, "latin1");
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
