import type { FastifyRequest } from "fastify";
import { type Caller, UNKNOWN_ADDRESS } from "../../broker/sessions.ts";
import type { Deps } from "../app-types.ts";
import { forwardedAddress, networkOf, plainAddress } from "./network.ts";

/** What a client's address is worth to limits and people. */
type Place = Pick<Caller, "address" | "network">;

const UNKNOWN: Place = { address: UNKNOWN_ADDRESS, network: UNKNOWN_ADDRESS };

/**
 * Where somebody asks from: the connection's other end or, behind proxies that are trusted, what the last of them saw. What
 * such a proxy says and nobody understands is no address: it is told in the log, and counts as nobody's, not as the proxy's.
 */
export function placeOf(
  { id, ip, headers }: Pick<FastifyRequest, "id" | "ip" | "headers">,
  { isTrustedProxy = () => false, limiter, logger }: Pick<Deps, "isTrustedProxy" | "limiter" | "logger">,
): Place {
  const hops = String(headers["x-forwarded-for"] ?? "").trim();
  const before = hops === "" ? [] : hops.split(",");
  let address = plainAddress(ip);
  while (isTrustedProxy(address)) {
    const hop = before.pop();
    if (hop === undefined) break;
    const next = forwardedAddress(hop);
    if (next === undefined) {
      const isNews = limiter.take("proxy not understood", address, 1) === 0;
      if (isNews) logger.warn("forwarded_for_unreadable", { requestId: id, proxy: address });
      return UNKNOWN;
    }
    address = next;
  }
  return { address, network: networkOf(address) };
}
