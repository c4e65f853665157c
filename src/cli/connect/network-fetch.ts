import { type RequestOptions, request as requestPlain } from "node:http";
import { request as requestSecure } from "node:https";
import { isIP, isIPv6 } from "node:net";
import type { Duplex } from "node:stream";
import { connect as connectSecure } from "node:tls";
import { CoatcheckError } from "../../client/index.ts";
import { errorCode } from "../../error-code.ts";
import type { EgressProxy, ProxyFor } from "../../process/proxies.ts";
import { type Begin, fetchBy } from "./fetch-by.ts";

export interface NetworkOptions {
  readonly proxyFor: ProxyFor | undefined;
  /** Roots in PEM instead of Node's. */
  readonly ca: readonly string[] | undefined;
  /** How errors call what is reached: "the broker". */
  readonly what: string;
}

/**
 * A `fetch` that uses the proxies of the environment and a person's own authorities. Not Node's (NODE_USE_ENV_PROXY): that
 * one tries for ever, on the whole processor, where a proxy ends connections, and its limits of time never come.
 */
export function networkFetch(options: NetworkOptions): typeof globalThis.fetch {
  return fetchBy(networkRequest(options));
}

/** The same way, for a request that is no `fetch`. */
export function networkRequest({ proxyFor, ca, what }: NetworkOptions): Begin {
  return async (url, options) => {
    const isSecure = url.protocol === "https:";
    const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
    const port = Number(url.port || (isSecure ? 443 : 80));
    const request = isSecure ? requestSecure : requestPlain;
    const to = { ...options, host, port, ...(ca && { ca: [...ca] }) };
    const proxy = proxyFor?.(url);
    if (!proxy) return request(to);
    const { signal } = options;
    const socket = await tunnel(proxy, {
      authority: `${inUrl(host)}:${port}`,
      to: `${what} at ${url.origin}`,
      signal,
      ca,
    });
    // An agent would make connections by itself.
    const createConnection: RequestOptions["createConnection"] = () =>
      isSecure
        ? connectSecure({ socket, ...(isIP(host) === 0 && { servername: host }), host, ...(ca && { ca: [...ca] }) })
        : socket;
    return request({ ...to, agent: undefined, defaultPort: isSecure ? 443 : 80, createConnection });
  };
}

interface Way {
  readonly authority: string;
  /** What is reached, for the error. */
  readonly to: string;
  readonly signal: AbortSignal;
  readonly ca: readonly string[] | undefined;
}

/** A connection through the proxy (RFC 9110 9.3.6, CONNECT). Rejects with `CoatcheckError`, or the signal's reason. */
function tunnel(proxy: EgressProxy, { authority, to, signal, ca }: Way): Promise<Duplex> {
  const name = `the proxy ${inUrl(proxy.host)}:${proxy.port}`;
  const request = proxy.protocol === "https:" ? requestSecure : requestPlain;
  const headers = { host: authority, ...(proxy.authorization && { "proxy-authorization": proxy.authorization }) };
  const { host, port } = proxy;
  const asking = request({
    host,
    port,
    method: "CONNECT",
    path: authority,
    headers,
    agent: false,
    signal,
    ...(ca && { ca: [...ca] }),
  });
  return new Promise((resolve, reject) => {
    const refuse = (why: string, cause?: unknown) => {
      if (signal.aborted && !isTimeout(signal.reason)) return reject(signal.reason);
      // Who waits too long waits for the proxy here, not for what is behind it.
      const said = signal.aborted ? "does not answer in time" : why;
      reject(new CoatcheckError("unreachable", `${to} cannot be reached: ${name} ${said}`, { cause }));
    };
    let connected = false;
    asking.on("socket", (socket) =>
      socket.once("connect", () => {
        connected = true;
      }),
    );
    asking.on("connect", ({ statusCode = 0 }, socket) => {
      if (statusCode >= 200 && statusCode < 300) return resolve(socket);
      socket.destroy();
      refuse(REFUSALS[statusCode] ?? `did not connect to it (${statusCode})`);
    });
    asking.on("error", (cause) =>
      refuse(connected ? "ended the connection" : `does not answer (${codeOf(cause)})`, cause),
    );
    asking.end();
  });
}

const REFUSALS: Readonly<Record<number, string>> = {
  403: "does not allow it (403)",
  407: "wants another name or password (407): HTTPS_PROXY=http://NAME:PASSWORD@HOST:PORT gives them",
  502: "could not reach it (502)",
  503: "could not reach it (503)",
  504: "could not reach it (504)",
};

function isTimeout(reason: unknown): boolean {
  return reason instanceof DOMException && reason.name === "TimeoutError";
}

function codeOf(error: unknown): string {
  return String(errorCode(error) ?? "no answer");
}

function inUrl(host: string): string {
  return isIPv6(host) ? `[${host}]` : host;
}
