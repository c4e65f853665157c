import { isIPv6 } from "node:net";

/** What limits count by: an IPv4 address as it is, an IPv6 one by its /64, which is what one household or host has. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  return `${groupsOf(address).slice(0, 4).join(":")}::/64`;
}

/** An IPv4 address in IPv6 form as IPv4, without a zone. */
export function plainAddress(address: string | undefined): string {
  const plain = (address ?? "").replace(/%.*$/, "");
  return plain === "" ? "local" : plain.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, "");
}

/** The eight groups of an IPv6 address, without leading zeros. */
function groupsOf(address: string): readonly string[] {
  const [head = "", tail] = address.split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => "0");
  return [...before, ...zeros, ...after].map((group) => group.toLowerCase().replace(/^0+(?=.)/, ""));
}
