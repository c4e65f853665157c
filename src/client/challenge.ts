/** `name=token` or `name="text"`, and the name of a scheme that stands before one (RFC 9110 11.6.1). */
const PART =
  /(?:^|[\s,])(?:([\w!#$%&'*+.^`|~-]+)[ \t]+)?([\w!#$%&'*+.^`|~-]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g;

/** Longer ones are nobody's. Characters. */
const LONGEST = 8_192;

/**
 * The scopes that a `Bearer` challenge of `insufficient_scope` asks for (RFC 6750 3.1), of the first that says so; `undefined`
 * where none does.
 */
export function scopesWanted(header: string | null): readonly string[] | undefined {
  if (header === null || header.length > LONGEST) return undefined;
  let isBearer = false;
  let found: { error?: string; scope?: string } = {};
  for (const [, scheme, name = "", quoted, plain = ""] of header.matchAll(PART)) {
    if (scheme !== undefined) {
      if (found.error === "insufficient_scope") break;
      isBearer = scheme.toLowerCase() === "bearer";
      found = {};
    }
    const key = name.toLowerCase();
    if (isBearer && (key === "error" || key === "scope")) found[key] ??= quoted?.replace(/\\(.)/g, "$1") ?? plain;
  }
  if (found.error !== "insufficient_scope") return undefined;
  return (found.scope ?? "").split(" ").filter((scope) => /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope));
}
