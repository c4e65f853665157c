import type { Reach } from "../protocol/client.ts";
import { TransportError } from "../protocol/response/transport-error.ts";
import type { AddressPolicy } from "./address-policy.ts";
import type { Egress } from "./egress.ts";
import { policyFor } from "./reach.ts";
import { systemResolve } from "./resolve.ts";
import { findTarget, mustBeNamed, type Resolve } from "./target.ts";

export interface UrlCheckOptions extends Egress {
  readonly policy: AddressPolicy;
  readonly resolve?: Resolve;
}

/**
 * Why the policy would refuse a URL that only the administrator's word could allow: http, a port, an internal name, or an
 * address. Other names are not looked up: they may lead elsewhere by the time that they are called.
 */
export function createUrlCheck(
  options: UrlCheckOptions,
): (url: string, reach?: Reach) => Promise<TransportError | undefined> {
  const { policy, resolve = systemResolve() } = options;
  return async (url, reach) => {
    if (!mustBeNamed(new URL(url))) return undefined;
    try {
      await findTarget(url, policyFor(policy, reach, url), resolve, options);
    } catch (error) {
      if (error instanceof TransportError && error.code !== "unreachable") return error;
    }
    return undefined;
  };
}
