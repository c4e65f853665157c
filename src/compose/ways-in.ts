import type { FastifyInstance } from "fastify";
import type { Context } from "../broker/process/context.ts";
import { networkOf } from "../http/gate/network.ts";
import { createListeners, type Listeners } from "../listen/listeners.ts";
import { isNotHere } from "../listen/start-server.ts";
import type { Tls } from "../listen/tls.ts";
import { addressNamed } from "../outbound/address-policy.ts";
import type { Config } from "../process/config.ts";
import type { Listen, ListenPath } from "../process/listening.ts";

/** All the doors of a broker. */
export interface WaysIn {
  readonly addresses: readonly string[];
  readonly metricsAddresses: readonly string[];
  /** Listens at another socket too. Throws a system error. */
  listenAlso(where: ListenPath): Promise<void>;
  /** Reads the certificate's files anew; what cannot be used is a warning in the log. */
  reload(): void;
  /** Takes no more connections; resolves when the last one is over. */
  closeDoors(): Promise<void>;
  /** Ends what is left of them. */
  endConnections(): void;
}

interface Door {
  readonly app: FastifyInstance;
  readonly listeners: Listeners;
}

/**
 * Every way in to the broker, and to the application for metrics where there is one: all of them or none, since an operator
 * who named an address counts on it. Who reads metrics is known by a token: no certificate, and no PROXY header.
 */
export async function openWaysIn(
  [app, metrics]: readonly FastifyInstance[],
  config: Config,
  context: Context,
  tls: Tls | undefined,
): Promise<WaysIn> {
  const { proxyProtocol, trustedProxies, listen, metricsListen = [] } = config;
  const isBalancer = (address: string) => trustedProxies !== undefined && addressNamed(trustedProxies, address);
  const doors: Door[] = [];
  const open = async (to: FastifyInstance | undefined, wanted: readonly Listen[], how: object) => {
    if (!to) return [];
    await to.ready();
    const { clock, log } = context;
    const listeners = createListeners({ http: to.server, clock, log, networkOf, ...how });
    doors.push({ app: to, listeners });
    const addresses: string[] = [];
    for (const where of wanted) addresses.push(await openNamed(listeners, where));
    return addresses;
  };
  try {
    const addresses = await open(app, listen, { ...(tls && { tls }), ...(proxyProtocol && { isBalancer }) });
    const metricsAddresses = await open(metrics, metricsListen, tls ? { tls: withoutClients(tls) } : {});
    return { addresses, metricsAddresses, ...actions(doors) };
  } catch (error) {
    await Promise.all(doors.map(({ listeners }) => listeners.close()));
    throw error;
  }
}

function actions(doors: readonly Door[]): Pick<WaysIn, "listenAlso" | "reload" | "closeDoors" | "endConnections"> {
  return {
    listenAlso: async (where) => void (await doors[0]?.listeners.open(where)),
    reload: () => {
      for (const { listeners } of doors) listeners.reload();
    },
    closeDoors: async () => {
      await Promise.all(doors.map(closeDoor));
    },
    endConnections: () => {
      for (const { listeners } of doors) listeners.destroy();
    },
  };
}

async function closeDoor({ app, listeners }: Door): Promise<void> {
  const closed = Promise.all([app.close(), listeners.close()]);
  app.server.closeIdleConnections();
  await closed;
  // It has looked at the limits of time of its connections, and listened nowhere itself.
  app.server.close(() => {});
}

function withoutClients({ files: { cert, key }, identity: { ca: _, ...identity } }: Tls): Tls {
  return { files: { cert, key }, identity };
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
