import ipaddr from "ipaddr.js";

type Range = [ipaddr.IPv4 | ipaddr.IPv6, number];

/** A range of addresses in CIDR notation, or one address; undefined for what is neither. */
function rangeOf(text: string): Range | undefined {
  try {
    if (text.includes("/")) return ipaddr.parseCIDR(text);
    const address = ipaddr.parse(text);
    return [address, address.kind() === "ipv4" ? 32 : 128];
  } catch {
    return undefined;
  }
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

function contains(outer: string, inner: string): boolean {
  const [range, part] = [rangeOf(outer), rangeOf(inner)];
  if (!range || !part || part[1] < range[1] || part[0].kind() !== range[0].kind()) return false;
  return part[0].match(range);
}
