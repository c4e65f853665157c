import { invalid } from "../errors.ts";

/**
 * Where a request goes: the base (which ends with a slash) and the raw path and query that came behind the API's name. Never
 * another origin, never outside the base's path. Where segments are data they may hold an encoded separator, but whoever
 * decodes them, and however often, finds nothing that leads upwards. Throws `BrokerError`.
 */
export function proxyUrl(base: string, tail: string, dataInPaths: boolean): URL {
  const [, path = "", query = ""] = /^\/?([^?]*)(\?.*)?$/s.exec(tail) ?? [];
  if (!/^[\x21-\x7e]*$/.test(tail) || /[\\#]/.test(tail) || path.includes("//") || path.startsWith("/"))
    throw badPath();
  if ((DISGUISED.test(path) && !dataInPaths) || leadsUpwards(path)) throw badPath();
  const root = new URL(base);
  const url = URL.parse(base + path + query);
  if (!url || url.origin !== root.origin || !url.pathname.startsWith(root.pathname) || url.username !== "")
    throw badPath();
  return url;
}

/** Slash, backslash, dot, NUL and percent in disguise, once or twice: some server behind will see through it. */
const DISGUISED = /%(?:25)*(?:2f|5c|2e|00|25(?=2f|5c|2e|00))/i;

/** Nobody's data are encoded more often. */
const MOST_ENCODINGS = 5;

function leadsUpwards(path: string): boolean {
  let text = path;
  for (let times = 0; times <= MOST_ENCODINGS; times++) {
    if (text.includes("\0") || text.split(/[/\\]/).some(isDots)) return true;
    const decoded = text.replaceAll(/%([0-7][0-9a-f])/gi, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
    if (decoded === text) return false;
    text = decoded;
  }
  return true;
}

/** Also with parameters behind them, which some servers cut off first. */
function isDots(segment: string): boolean {
  return /^\.{1,2}(?:;.*)?$/s.test(segment);
}

function badPath() {
  return invalid(
    "this path cannot be forwarded: it must not contain empty segments, dot segments or encoded separators",
  );
}
