import { isIP, isIPv6 } from "node:net";

/** What limits count by: an IPv4 address as it is, an IPv6 one by its /56, which is what one household may have (RFC 6177). */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [first, second, third, fourth = "0"] = groupsOf(address);
  const half = (Number.parseInt(fourth, 16) & 0xff00).toString(16);
  return `${first}:${second}:${third}:${half}::/56`;
}

/** An entry of `X-Forwarded-For`: an address, and some proxies put its port behind it; undefined for what is none. */
export function forwardedAddress(entry: string): string | undefined {
  const text = entry.trim();
  const [, inBrackets, withPort] = /^(?:\[([^\]]*)\](?::\d{1,5})?|([\d.]+):\d{1,5})$/.exec(text) ?? [];
  const address = plainAddress(inBrackets ?? withPort ?? text);
  return isIP(address) === 0 ? undefined : address;
}

/** Whoever connects to a Unix socket has no address. */
export const SOCKET = "local";

/** An IPv4 address in IPv6 form as IPv4, without a zone. */
export function plainAddress(address: string | undefined): string {
  const plain = (address ?? "").replace(/%.*$/, "");
  return plain === "" ? SOCKET : plain.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, "");
}

/** The eight groups of an IPv6 address, without leading zeros. */
function groupsOf(address: string): readonly string[] {
  const [head = "", tail] = address.split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => "0");
  return [...before, ...zeros, ...after].map((group) => group.toLowerCase().replace(/^0+(?=.)/, ""));
}
