import ipaddr from "ipaddr.js";

/** Which addresses may be called: the public ones always, others only where the administrator named them. */
export interface AddressPolicy {
  readonly networks: readonly Network[];
  /** Exact names, in lower case, whose every address and port is allowed. */
  readonly hosts: ReadonlySet<string>;
  readonly anything: boolean;
}

/** This machine. */
const LOOPBACK_CIDR = ["127.0.0.0/8", "::1/128"];

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Network = readonly [Address, number];

const NAMED: ReadonlyMap<string, readonly string[]> = new Map([
  ["loopback", LOOPBACK_CIDR],
  ["private", ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"]],
]);

/**
 * A cloud's own, for the machines in it: they hand out credentials of the machine to whoever asks. A wider network that somebody
 * names does not mean them. Link-local: metadata of AWS, Azure, Google, Oracle and most others, and of containers on AWS; then
 * Alibaba's metadata, Azure's host agent, Oracle's older metadata; over IPv6 those of AWS, Google, Oracle and Scaleway.
 */
const PLATFORM: readonly Network[] = [
  "169.254.0.0/16",
  "100.100.100.200/32",
  "168.63.129.16/32",
  "192.0.0.192/32",
  "fd00:ec2::/32",
  "fd20:ce::254/128",
  "fd00:c1::a9fe:a9fe/128",
  "fd00:42::42/128",
].map((cidr) => ipaddr.parseCIDR(cidr));

export const LOOPBACK: readonly Network[] = LOOPBACK_CIDR.map((cidr) => ipaddr.parseCIDR(cidr));

/** RFC 4291 2.4: all that is handed out to the public Internet; what ipaddr.js does not know lies outside. */
const GLOBAL_IPV6: Network = [ipaddr.IPv6.parse("2000::"), 3];

/** RFC 1123 2.1. */
const HOST_NAME = /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** What strangers may name: nothing that is not public, whatever the administrator allows. */
export const PUBLIC_ONLY: AddressPolicy = { networks: [], hosts: new Set(), anything: false };

/**
 * A comma-separated list of `loopback`, `private`, `any`, networks (`10.0.0.0/8`), addresses and exact host names.
 * Throws an `Error` that says which part is wrong.
 */
export function parseNetworks(list: string): AddressPolicy {
  const parts = list
    .split(",")
    .map((part) => part.trim().toLowerCase())
    .filter((part) => part !== "");
  const networks: Network[] = [];
  const hosts = new Set<string>();
  for (const part of parts.filter((each) => each !== "any")) {
    const found = networksOf(part);
    if (found) networks.push(...found);
    else hosts.add(requireHostName(part));
  }
  return { networks, hosts, anything: parts.includes("any") };
}

function networksOf(part: string): readonly Network[] | undefined {
  const named = NAMED.get(part);
  if (named) return named.map((cidr) => ipaddr.parseCIDR(cidr));
  const [address = "", bits, ...more] = part.split("/");
  if (!isLiteral(address)) return undefined;
  if (bits === undefined) return [wholeOf(ipaddr.process(address))];
  const isCidr = more.length === 0 && /^\d{1,3}$/.test(bits) && ipaddr.isValidCIDR(part);
  const network = isCidr ? ipaddr.parseCIDR(part) : undefined;
  // A mapped network would never match: addresses are compared as the IPv4 addresses they are.
  if (!network || network[0].range() === "ipv4Mapped") throw unusable(part);
  return [network];
}

function wholeOf(address: Address): Network {
  return [address, address.kind() === "ipv4" ? 32 : 128];
}

function requireHostName(part: string): string {
  const last = part.split(".").at(-1) ?? "";
  // A name that ends in a number is an address in some spelling (WHATWG URL, "ends in a number").
  if (part.length > 253 || !HOST_NAME.test(part) || /^(?:\d+|0x[0-9a-f]*)$/.test(last)) throw unusable(part);
  return part;
}

function unusable(part: string): Error {
  return new Error(
    `"${part}" is not a network: give loopback, private, any, a network like 10.0.0.0/8, an address or a host name`,
  );
}

/** What is the same of an address whatever anybody allows. */
interface Judged {
  readonly address: Address;
  /** Of which platform's own networks it is. */
  readonly platform: Network | undefined;
  readonly isPublic: boolean;
}

/** Of texts that were asked for lately: each request asks four times, and to read one takes longer than all the rest of the question. */
const known = new Map<string, Judged | undefined>();
const MOST_KNOWN = 1_000;
/** Names have no more; characters. */
const LONGEST_KNOWN = 253;

/** Undefined for what is no address. */
function judged(text: string): Judged | undefined {
  if (known.has(text)) return known.get(text);
  const found = judge(text);
  if (known.size >= MOST_KNOWN) known.clear();
  if (text.length <= LONGEST_KNOWN) known.set(text, found);
  return found;
}

/** `process`, not `parse`: an IPv4 address mapped into IPv6 is judged as what it is. */
function judge(text: string): Judged | undefined {
  if (!ipaddr.IPv6.isValid(text) && !ipaddr.IPv4.isValidFourPartDecimal(text)) return undefined;
  const [plain = ""] = text.split("%");
  const address = ipaddr.process(plain);
  const platform = PLATFORM.find((network) => within(address, network));
  const isGlobal = address.kind() === "ipv4" || within(address, GLOBAL_IPV6);
  return { address, platform, isPublic: !platform && isGlobal && address.range() === "unicast" };
}

/** A literal address in canonical spelling; `127.1` and the like never come here, `URL` has unfolded them. */
export function isLiteral(host: string): boolean {
  return judged(host) !== undefined;
}

/** Whether the administrator named this address; only then plain http, odd ports and internal names are allowed too. */
export function addressNamed(policy: AddressPolicy, address: string): boolean {
  const found = judged(address);
  if (!found) return false;
  const [, narrow = 0] = found.platform ?? [];
  return policy.anything || policy.networks.some((network) => network[1] >= narrow && within(found.address, network));
}

/** Whether a connection to this address is allowed at all. */
export function addressAllowed(policy: AddressPolicy, address: string): boolean {
  return addressNamed(policy, address) || judged(address)?.isPublic === true;
}

function within(address: Address, [network, bits]: Network): boolean {
  return address.kind() === network.kind() && address.match([network, bits] as [ipaddr.IPv4, number]);
}
