import type { NamesQuery } from "./port.ts";

type RangeQuery = NamesQuery & { readonly server?: string | null };

/**
 * The parameters of a listing: from the later of prefix and cursor, so that a page costs as much as it has rows, up to the
 * prefix with the largest code point behind it.
 */
export function rangeOf({ mount, kind, prefix = "", after = "", limit, server = null }: RangeQuery) {
  const from = Buffer.compare(Buffer.from(prefix), Buffer.from(after)) > 0 ? prefix : after;
  return { mount, kind, after, server, from, upto: `${prefix}\u{10FFFF}`, limit: Math.min(limit, 1_000) };
}
