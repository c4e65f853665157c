import { createSecureContext, type SecureContext } from "node:tls";
import type { ProxyFor } from "../process/proxies.ts";

/** By which way requests leave, as the operator says it. */
export interface Egress {
  readonly proxyFor?: ProxyFor;
  /** Names are looked up by the proxy alone: the operator trusts it to keep them out of networks that are not public. */
  readonly proxyResolves?: boolean;
  /** Roots in PEM instead of the system's. */
  readonly ca?: string | readonly string[];
}

/** Made once: reading 150 roots for each connection would cost milliseconds each time. */
export function secureContextOf({ ca }: Egress): { readonly secureContext?: SecureContext } {
  return ca === undefined ? {} : { secureContext: createSecureContext({ ca: [ca].flat() }) };
}
