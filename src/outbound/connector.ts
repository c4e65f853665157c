import { isIP, type LookupFunction } from "node:net";
import { buildConnector } from "undici";
import { TransportError } from "../protocol/response/transport-error.ts";
import type { AddressPolicy } from "./address-policy.ts";
import { isConnectionAllowed, type Target } from "./target.ts";

export interface ConnectorOptions {
  readonly policy: AddressPolicy;
  /** Roots in PEM instead of the system's. */
  readonly ca?: string;
  /** Ends a connection attempt. */
  readonly signal: AbortSignal;
  /** Asked when the connection stands. */
  readonly maySend: () => boolean;
  /** Called when the connection stands, before anything can be written to it. */
  readonly onConnected: (address: string | undefined) => void;
}

/**
 * Connects to one of the target's checked addresses, with the name in TLS and `Host`, so that nothing can be rebound in
 * between; checks the connected address again; and connects once: a second connection would be a silent retry.
 */
export function guardedConnector(target: Target, options: ConnectorOptions): buildConnector.connector {
  const connect = buildConnector({
    allowH2: false,
    maxCachedSessions: 0,
    timeout: 0,
    autoSelectFamily: true,
    lookup: fixedLookup(target.addresses),
    ...(options.ca !== undefined && { ca: options.ca }),
  });
  let used = false;
  return (to, callback) => {
    if (used) return callback(new TransportError("reset", true), null);
    used = true;
    const attempt: unknown = connect({ ...to, hostname: target.host }, (...[error, socket]) => {
      if (error) return callback(error, null);
      const late = options.signal.aborted || !options.maySend();
      if (late || !isConnectionAllowed(target, options.policy, socket.remoteAddress)) {
        socket.destroy();
        return callback(new TransportError(late ? "aborted" : "address_refused", false), null);
      }
      options.onConnected(socket.remoteAddress);
      callback(null, socket);
    });
    endWith(options.signal, attempt);
  };
}

/** undici keeps a connection attempt alive after its client is gone; its connector returns the socket. */
function endWith(signal: AbortSignal, attempt: unknown): void {
  if (typeof attempt !== "object" || attempt === null || !("destroy" in attempt)) return;
  const { destroy } = attempt;
  if (typeof destroy === "function") signal.addEventListener("abort", () => destroy.call(attempt), { once: true });
}

/** Answers every look-up with the addresses that were checked. */
function fixedLookup(addresses: readonly string[]): LookupFunction {
  const all = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_hostname, { all: wantsAll }, callback) => {
    const [first] = all;
    if (wantsAll) callback(null, all);
    else if (first) callback(null, first.address, first.family);
    else callback(new Error("no address"), "", 0);
  };
}
