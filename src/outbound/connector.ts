import { isIP, type LookupFunction } from "node:net";
import type { SecureContext } from "node:tls";
import type { buildConnector } from "undici";
import { TransportError } from "../protocol/response/transport-error.ts";
import type { AddressPolicy } from "./address-policy.ts";
import { endWith } from "./deadline.ts";
import { isConnectionAllowed, type Target } from "./target.ts";
import { openTunnel } from "./tunnel.ts";
import { undici } from "./undici.ts";

export interface ConnectorOptions {
  readonly policy: AddressPolicy;
  /** Whom TLS trusts; the system's roots without it. */
  readonly secureContext?: SecureContext;
  /** Ends a connection attempt. */
  readonly signal: AbortSignal;
  /** Asked when the connection stands. */
  readonly maySend: () => boolean;
  /** Called when the connection stands, before anything can be written to it, with the address at its other end. */
  readonly onConnected: (address: string | undefined) => void;
}

type Socket = NonNullable<Parameters<buildConnector.Callback>[1]>;

/**
 * Connects to one of the target's checked addresses, with the name in TLS and `Host`, so that nothing can be rebound in
 * between; checks the connected address again; and connects once: a second connection would be a silent retry. A proxy is
 * told the checked address as well, and sees of an https request nothing but the name in TLS. What it was given is let go of when it
 * connects, since that connection may last for days.
 */
export async function guardedConnector(target: Target, options: ConnectorOptions): Promise<buildConnector.connector> {
  const { buildConnector } = await undici();
  const secure = options.secureContext && { secureContext: options.secureContext };
  const connect = buildConnector({
    allowH2: false,
    maxCachedSessions: 0,
    timeout: 0,
    autoSelectFamily: true,
    lookup: fixedLookup(target.addresses),
    ...secure,
  });
  let unused: ConnectorOptions | undefined = options;
  return (to, callback) => {
    if (!unused) return callback(new TransportError("reset", true), null);
    const { signal, policy, maySend, onConnected } = unused;
    unused = undefined;
    const stands = (socket: Socket, address: string | undefined) => {
      const late = signal.aborted || !maySend();
      if (late || !isConnectionAllowed(target, policy, address)) {
        socket.destroy();
        return callback(new TransportError(late ? "aborted" : "address_refused", false), null);
      }
      onConnected(address);
      callback(null, socket);
    };
    const open = (httpSocket?: Socket, address?: string) => {
      const attempt: unknown = connect(
        { ...to, hostname: target.host, ...(httpSocket && { httpSocket }) },
        (...[error, socket]) => (error ? callback(error, null) : stands(socket, address ?? socket.remoteAddress)),
      );
      endWith(signal, attempt);
    };
    if (!target.proxy) return open();
    const port = Number(target.url.port || (to.protocol === "https:" ? 443 : 80));
    openTunnel(target.proxy, target.addresses, { port, signal, ...secure }).then(
      ({ socket, address }) => (to.protocol === "https:" ? open(socket, address) : stands(socket, address)),
      (error) => callback(error, null),
    );
  };
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
