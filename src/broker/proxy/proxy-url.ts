import { invalid } from "../errors.ts";

/** Slash, backslash, dot, NUL and percent in disguise, once or twice: some server behind will see through it. */
const DISGUISED = /%(?:25)*(?:2f|5c|2e|00|25(?=2f|5c|2e|00))/i;

/**
 * Where a request goes: the base (which ends with a slash) and the raw path and query that came behind the API's name.
 * Never another origin, never outside the base's path. Throws `BrokerError`.
 */
export function proxyUrl(base: string, tail: string): URL {
  const [, path = "", query = ""] = /^\/?([^?]*)(\?.*)?$/s.exec(tail) ?? [];
  if (!/^[\x21-\x7e]*$/.test(tail) || /[\\#]/.test(tail) || path.includes("//") || path.startsWith("/"))
    throw refused();
  if (DISGUISED.test(path) || path.split("/").some(isDots)) throw refused();
  const root = new URL(base);
  const url = URL.parse(base + path + query);
  if (!url || url.origin !== root.origin || !url.pathname.startsWith(root.pathname) || url.username !== "")
    throw refused();
  return url;
}

/** Also with parameters behind them, which some servers cut off first. */
function isDots(segment: string): boolean {
  return /^\.{1,2}(?:;.*)?$/.test(segment);
}

function refused() {
  return invalid("this path cannot be passed on: no empty, dot or encoded segments");
}
