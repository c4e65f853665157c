import { readIdentity } from "../listen/certificates.ts";
import { CannotListen } from "../listen/start-server.ts";
import type { Tls } from "../listen/tls.ts";
import type { Config } from "../process/config.ts";
import { hostInUrl } from "../process/listening.ts";
import { isLoopback } from "../process/proxies.ts";

/** http is possible only towards what the operator named; the guarded fetch checks which. */
export function allowsHttp({ anything, networks, hosts }: Config["networks"]): boolean {
  return anything || networks.length > 0 || hosts.size > 0;
}

/** The first address that is known beforehand: neither a Unix socket, nor a port that the system chooses or has passed. */
export function listenUrl({ listen, tls }: Pick<Config, "listen" | "tls">): string | undefined {
  for (const where of listen) {
    if ("host" in where && where.port !== 0) {
      return `${tls ? "https" : "http"}://${hostInUrl(where.host)}:${where.port}`;
    }
  }
  return undefined;
}

/**
 * Whether requests may name a host. What comes in at loopback or a Unix socket is asked for by this machine's names, by what
 * browsers reach the broker as, and by what the operator names. What comes from a network, or by a balancer, has names that
 * nobody here can know, unless some are named; and who listens at all addresses may have a proxy beside it on this machine.
 */
export function hostCheck({
  listen,
  proxyProtocol,
  publicUrl,
  allowedHosts = new Set(),
}: Pick<Config, "listen" | "proxyProtocol" | "publicUrl" | "allowedHosts">):
  | ((host: string, at: string | undefined) => boolean)
  | undefined {
  const isEverywhere = listen.some((where) => "host" in where && EVERYWHERE.has(where.host));
  const isUnknown = proxyProtocol || isEverywhere;
  if (isUnknown && allowedHosts.size === 0) return undefined;
  const named = new Set([...allowedHosts, URL.parse(publicUrl ?? "")?.hostname].map(withoutBrackets));
  return (host, at) =>
    isLoopback(host) ||
    named.has(host) ||
    (allowedHosts.size === 0 && at !== undefined && !isLoopback(at.replace(/^::ffff:/, "")));
}

const EVERYWHERE: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);

function withoutBrackets(host: string | undefined): string | undefined {
  return host?.replace(/^\[(.*)\]$/, "$1");
}

/** The certificate and key, read and checked before anything else is touched. Throws `CannotListen`. */
export function tlsOf({ tls: files }: Config, now: number): Tls | undefined {
  if (!files) return undefined;
  try {
    return { files, identity: readIdentity(files, now) };
  } catch (error) {
    throw new CannotListen((error as Error).message);
  }
}
