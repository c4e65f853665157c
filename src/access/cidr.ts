import ipaddr from "ipaddr.js";

type Range = [ipaddr.IPv4 | ipaddr.IPv6, number];

/** A range of addresses in CIDR notation, or one address; undefined for what is neither, or is none in every program's reading. */
function rangeOf(text: string): Range | undefined {
  const [start = ""] = text.split("/");
  // The library also takes `10` for 0.0.0.10, and `010.0.0.0` for 8.0.0.0.
  if (!ipaddr.IPv4.isValidFourPartDecimal(start) && !ipaddr.IPv6.isValid(start)) return undefined;
  const address = ipaddr.parse(start);
  // No address is compared in this form.
  if (address.range() === "ipv4Mapped") return undefined;
  if (start === text) return [address, address.kind() === "ipv4" ? 32 : 128];
  return ipaddr.isValidCIDR(text) ? ipaddr.parseCIDR(text) : undefined;
}

export function isCidr(text: string): boolean {
  return rangeOf(text) !== undefined;
}

/** Whether an address may be used where these ranges are all that may; without any, all may. What is no address is in none. */
export function isWithin(cidrs: readonly string[], address: string): boolean {
  return cidrs.length === 0 || cidrs.some((cidr) => contains(cidr, address));
}

/** Whether each range lies within one of those that are allowed; without any, all are. */
export function areWithin(cidrs: readonly string[], allowed: readonly string[]): boolean {
  return allowed.length === 0 || cidrs.every((cidr) => allowed.some((one) => contains(one, cidr)));
}

/** The ranges that lie within both lists; a list without any is of all addresses. Undefined where they have none in common. */
export function commonTo(one: readonly string[], other: readonly string[]): readonly string[] | undefined {
  if (one.length === 0 || other.length === 0) return one.length === 0 ? other : one;
  const both = [...one.filter((cidr) => areWithin([cidr], other)), ...other.filter((cidr) => areWithin([cidr], one))];
  return both.length === 0 ? undefined : [...new Set(both)];
}

function contains(outer: string, inner: string): boolean {
  const [range, part] = [rangeOf(outer), rangeOf(inner)];
  if (!range || !part || part[1] < range[1] || part[0].kind() !== range[0].kind()) return false;
  return part[0].match(range);
}
