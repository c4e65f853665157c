import { type EgressProxy, isLoopback } from "../process/proxies.ts";
import { TransportError } from "../protocol/response/transport-error.ts";
import { type AddressPolicy, addressAllowed, addressNamed, isLiteral } from "./address-policy.ts";
import type { Egress } from "./egress.ts";

/** All addresses of a name. */
export type Resolve = (hostname: string) => Promise<readonly string[]>;

/** Where a request is to go; decided once, and connected from the same object. */
export interface Target {
  readonly url: URL;
  /** Without brackets and trailing dot. */
  readonly host: string;
  /** Checked; only these are ever connected. The name itself where the proxy resolves it. */
  readonly addresses: readonly string[];
  readonly proxy?: EgressProxy;
}

/** Names that mean something else inside a network than outside (RFC 6761, RFC 6762, RFC 9476; ICANN for `.internal`). */
const INTERNAL_NAMES = [".local", ".internal", ".localhost"];

/**
 * Checks a URL against the policy and resolves its name. Plain http, other ports and internal names need an address the
 * administrator named; everything else a public one. A name that the proxy resolves has no address here: it must be named
 * itself where its address would have to be. Throws `TransportError`; nothing has been sent then.
 */
export async function findTarget(
  input: string,
  policy: AddressPolicy,
  resolve: Resolve,
  { proxyFor, proxyResolves = false }: Egress = {},
): Promise<Target> {
  const url = requireUrl(input);
  const host = hostOf(url);
  if (host === "") throw transportError("url_refused");
  const isHostNamed = policy.hosts.has(host);
  const isNamedOnly = needsNaming(url, host);
  // Before the look-up: a name that cannot be allowed is not told to any name server.
  if (isNamedOnly && !isHostNamed && !policy.anything && policy.networks.length === 0)
    throw transportError("url_refused");
  const proxy = proxyFor?.(url);
  if (proxy && proxyResolves && !isLiteral(host)) {
    if (isNamedOnly && !isHostNamed && !policy.anything) throw transportError("url_refused");
    return { url, host, addresses: [host], proxy };
  }
  const addresses = isLiteral(host) ? [host] : await addressesOf(host, resolve);
  // The proxy's own machine would be meant by it.
  const target = { url, host, addresses, ...(proxy && !addresses.some(isLoopback) && { proxy }) };
  if (isHostNamed) return target;
  if (!addresses.every((address) => addressAllowed(policy, address))) throw transportError("address_refused");
  if (isNamedOnly && !addresses.every((address) => addressNamed(policy, address))) throw transportError("url_refused");
  return target;
}

/** What is connected is checked again: the last line, should anything above have been wrong. */
export function isConnectionAllowed(
  { host, addresses, proxy }: Target,
  policy: AddressPolicy,
  remoteAddress: string | undefined,
): boolean {
  // What a proxy was told was checked before; how it got there is not seen.
  if (proxy) return remoteAddress !== undefined && addresses.includes(remoteAddress);
  return remoteAddress !== undefined && (policy.hosts.has(host) || addressAllowed(policy, remoteAddress));
}

function requireUrl(input: string): URL {
  const url = URL.parse(input);
  if (!url) throw transportError("url_refused");
  const isWeb = url.protocol === "https:" || url.protocol === "http:";
  if (!isWeb || url.username !== "" || url.password !== "") throw transportError("url_refused");
  if (url.hostname.endsWith(".")) url.hostname = url.hostname.slice(0, -1);
  return url;
}

function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, "$1");
}

function needsNaming({ protocol, port }: URL, host: string): boolean {
  return protocol === "http:" || port !== "" || isInternal(host);
}

/** Whether a URL could need the administrator's word, by its own text: not one with a public name over https. */
export function mustBeNamed(url: URL): boolean {
  const host = hostOf(url);
  return needsNaming(url, host) || isLiteral(host);
}

function isInternal(host: string): boolean {
  if (isLiteral(host)) return false;
  return !host.includes(".") || INTERNAL_NAMES.some((suffix) => host.endsWith(suffix));
}

async function addressesOf(host: string, resolve: Resolve): Promise<readonly string[]> {
  let addresses: readonly string[];
  try {
    addresses = await resolve(host);
  } catch (cause) {
    throw new TransportError("unreachable", false, { cause });
  }
  if (addresses.length === 0) throw transportError("unreachable");
  return addresses;
}

function transportError(code: "url_refused" | "address_refused" | "unreachable"): TransportError {
  return new TransportError(code, false);
}
