import type { FastifyInstance } from "fastify";
import type { Context } from "../broker/process/context.ts";
import { createListeners, type Listeners } from "../listen/listeners.ts";
import { isNotHere } from "../listen/start-server.ts";
import type { Tls } from "../listen/tls.ts";
import { addressNamed } from "../outbound/address-policy.ts";
import type { Config } from "../process/config.ts";
import type { Listen, ListenPath } from "../process/listening.ts";

interface WaysIn {
  readonly listeners: Listeners;
  readonly addresses: readonly string[];
  listenAlso(where: ListenPath): Promise<void>;
  reload(): void;
}

/** Every way in to an application: all of them or none, since an operator who named an address counts on it. */
export async function openWaysIn(
  app: FastifyInstance,
  config: Config,
  { clock, log }: Context,
  tls: Tls | undefined,
): Promise<WaysIn> {
  await app.ready();
  const { proxyProtocol, trustedProxies } = config;
  const isBalancer = (address: string) => trustedProxies !== undefined && addressNamed(trustedProxies, address);
  const proxied = proxyProtocol ? { isBalancer } : {};
  const listeners = createListeners({ http: app.server, clock, log, ...proxied, ...(tls && { tls }) });
  const addresses: string[] = [];
  try {
    for (const where of config.listen) addresses.push(await openNamed(listeners, where));
  } catch (error) {
    await listeners.close();
    throw error;
  }
  const listenAlso = async (where: ListenPath) => void (await listeners.open(where));
  return { listeners, addresses, listenAlso, reload: listeners.reload };
}

/** What this machine calls itself has an address of each kind, and clients try either (RFC 6761 6.3). */
async function openNamed(listeners: Listeners, where: Listen): Promise<string> {
  if (!("host" in where) || where.host !== "localhost") return listeners.open(where);
  const address = await listeners.open({ ...where, host: "127.0.0.1" });
  const port = Number(new URL(address).port);
  await listeners.open({ port, host: "::1" }).catch((error: Error) => {
    if (!isNotHere(error)) throw error;
  });
  return address;
}
