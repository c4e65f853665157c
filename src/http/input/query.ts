/** A query or form as field values: a string, or a list when a key is repeated. */
export function parseQuery(text: string): Record<string, unknown> {
  return Object.fromEntries([...grouped(text)].map(([key, values]) => [key, values.length > 1 ? values : values[0]]));
}

/** As `parseQuery`, but a repeated key is one value joined with commas, as Go's form handling in Vault does. */
export function parseForm(text: string): Record<string, unknown> {
  return Object.fromEntries([...grouped(text)].map(([key, values]) => [key, values.join(",")]));
}

function grouped(text: string): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const [key, value] of new URLSearchParams(text)) {
    const values = groups.get(key);
    if (values) values.push(value);
    else groups.set(key, [value]);
  }
  return groups;
}

/** Whether every `%` begins an encoded byte and the bytes are UTF-8: what is not would be stored mangled. */
export function isEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** The raw query of a request target. */
export function rawQuery(target: string): string {
  const at = target.indexOf("?");
  return at === -1 ? "" : target.slice(at + 1);
}

/** A request target without the scheme and host that a proxy's client would send (RFC 9112 3.2.2). */
export function originForm(target: string): string {
  return target.replace(/^https?:\/\/[^/?#]*/i, "");
}
