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
 * Whether requests may name a host. A broker that only this machine reaches is asked for by this machine's names, by what
 * browsers reach it as, and by what the operator names; one on a network, or behind a balancer, has names that it cannot know, unless some are named.
 */
export function hostCheck({
  listen,
  proxyProtocol,
  publicUrl,
  allowedHosts = new Set(),
}: Config): ((host: string) => boolean) | undefined {
  const isLocal =
    !proxyProtocol && listen.every((where) => "path" in where || ("host" in where && isLoopback(where.host)));
  if (!isLocal && allowedHosts.size === 0) return undefined;
  const named = new Set([...allowedHosts, URL.parse(publicUrl ?? "")?.hostname].map(withoutBrackets));
  return (host) => isLoopback(host) || named.has(host);
}

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
