import { isIPv6, type Socket } from "node:net";
import type { SecureContext } from "node:tls";
import type { EgressProxy } from "../process/proxies.ts";
import { endWith } from "./deadline.ts";
import { undici } from "./undici.ts";

/** What a proxy did to a connection; nothing of the request was sent. `code` is for protocol/response/why-unreachable. */
class ProxyError extends Error {
  override readonly name = "ProxyError";
  /** `PROXY_UNREACHABLE`, `PROXY_ENDED`, or `PROXY_` and the status of its answer. */
  readonly code: string;

  constructor(code: string, cause?: unknown) {
    super(code, { cause });
    this.code = code;
  }
}

/** Of a name's addresses so many are tried: the proxy may have no way to one of them. */
const MOST_TRIED = 3;

/** RFC 9110 15.6.3 to 15.6.5: the proxy let it pass, and came to nothing there. */
const UNREACHED: ReadonlySet<string> = new Set(["PROXY_502", "PROXY_503", "PROXY_504"]);

interface Tunnel {
  readonly socket: Socket;
  /** What the proxy was told to connect to. */
  readonly address: string;
}

export interface TunnelOptions {
  readonly port: number;
  readonly signal: AbortSignal;
  readonly secureContext?: SecureContext;
}

/**
 * Connects to one of the addresses through a proxy (RFC 9110 9.3.6, CONNECT). Plain http goes the same way: in a request for
 * the proxy itself the checked address and the name could not both be told. Rejects with `ProxyError`, or when `signal` aborts.
 */
export async function openTunnel(
  proxy: EgressProxy,
  addresses: readonly string[],
  options: TunnelOptions,
): Promise<Tunnel> {
  const [first = "", ...others] = [...addresses].sort((a, b) => Number(isIPv6(a)) - Number(isIPv6(b)));
  try {
    return { socket: await connectTo(proxy, first, options), address: first };
  } catch (error) {
    const rest = others.slice(0, MOST_TRIED - 1);
    if (rest.length === 0 || !(error instanceof ProxyError) || !UNREACHED.has(error.code)) throw error;
    return openTunnel(proxy, rest, options);
  }
}

async function connectTo(
  proxy: EgressProxy,
  address: string,
  { port, signal, secureContext }: TunnelOptions,
): Promise<Socket> {
  const { buildConnector, Client } = await undici();
  const reach = buildConnector({
    allowH2: false,
    maxCachedSessions: 0,
    timeout: 0,
    autoSelectFamily: true,
    ...(secureContext && { secureContext }),
  });
  const client = new Client(`${proxy.protocol}//${inUrl(proxy.host)}:${proxy.port}`, {
    connect: (to, callback) => {
      const attempt: unknown = reach(to, (...[error, socket]) => {
        if (error) callback(new ProxyError("PROXY_UNREACHABLE", error), null);
        else callback(null, socket);
      });
      endWith(signal, attempt);
    },
    headersTimeout: 0,
  });
  const authority = `${inUrl(address)}:${port}`;
  const headers = { host: authority, ...(proxy.authorization && { "proxy-authorization": proxy.authorization }) };
  try {
    const { statusCode, socket } = await client.connect({ path: authority, headers, signal });
    if (statusCode >= 200 && statusCode < 300) return socket as Socket;
    socket.on("error", () => {}).destroy();
    throw new ProxyError(`PROXY_${statusCode}`);
  } catch (error) {
    throw error instanceof ProxyError || signal.aborted ? error : new ProxyError("PROXY_ENDED", error);
  } finally {
    await client.destroy();
  }
}

function inUrl(host: string): string {
  return isIPv6(host) ? `[${host}]` : host;
}
