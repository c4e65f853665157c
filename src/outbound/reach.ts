import type { Reach } from "../protocol/client.ts";
import { type AddressPolicy, LOOPBACK } from "./address-policy.ts";

/**
 * The policy for one URL, with what naming an API server allows (MCP-D9): its own host, wherever it is, since over https it has
 * to prove its name; loopback where it is there itself; http to any other host only where somebody said so.
 */
export function policyFor(policy: AddressPolicy, reach: Reach | undefined, url: string): AddressPolicy {
  if (!reach) return policy;
  const { protocol, hostname } = URL.parse(url) ?? { protocol: "", hostname: "" };
  const isIts = hostname.replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "") === reach.host;
  const isMeant = isIts && !reach.loopback && (protocol === "https:" || reach.http);
  return {
    ...policy,
    networks: reach.loopback ? [...policy.networks, ...LOOPBACK] : policy.networks,
    hosts: isMeant ? new Set([...policy.hosts, reach.host]) : policy.hosts,
  };
}
