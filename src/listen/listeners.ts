import type { Server as HttpServer } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import type { Clock } from "../process/clock.ts";
import { hostInUrl, type Listen } from "../process/listening.ts";
import type { Log } from "../process/log.ts";
import { takeProxyHeader } from "./proxied.ts";
import { comesFrom, endsOf } from "./source.ts";
import { startServer } from "./start-server.ts";
import { createTlsEntry, type Tls, type TlsEntry } from "./tls.ts";

/** Every way in to one HTTP server. */
export interface Listeners {
  /** Answers where: `http://HOST:PORT`, `https://HOST:PORT` or `unix:PATH`. Throws a system error. */
  open(where: Listen): Promise<string>;
  /** Reads the certificate's files anew. */
  reload(): void;
  /** Takes no more connections; resolves when the last one is over. */
  close(): Promise<void>;
  /** Ends what is left. */
  destroy(): void;
}

interface Entry {
  readonly http: HttpServer;
  readonly clock: Pick<Clock, "now" | "after">;
  readonly log: Log;
  /** By address connections are encrypted; a Unix socket never leaves the machine. */
  readonly tls?: Tls;
  /** At once; by default 1,024. */
  readonly mostHandshakes?: number;
  /** What addresses are counted by. */
  networkOf(address: string): string;
  /** By address connections begin with a PROXY header, and come from these peers alone. */
  readonly isBalancer?: (address: string) => boolean;
}

export function createListeners(entry: Entry): Listeners {
  // Its limits of time are looked at from here on (node:http); it listens nowhere itself.
  entry.http.emit("listening");
  const servers = new Set<Server>();
  const sockets = new Set<Socket>();
  const encrypted = entry.tls && createTlsEntry(entry.tls, entry);
  const refuse = refusals(entry);
  const accept = (socket: Socket, isUnix: boolean) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    if (isUnix) entry.http.emit("connection", socket);
    else void enter({ ...entry, refuse }, encrypted, socket);
  };
  return {
    open: async (where) => {
      const server = createServer({ allowHalfOpen: true, noDelay: true });
      await startServer(server, where);
      // What cannot be accepted for want of descriptors is no end of those that are open.
      server.on("error", (error) => entry.log.warn("listener", { message: error.message }));
      servers.add(server);
      const address = server.address();
      // Of a Unix socket that was passed Node does not know the path.
      const isUnix = address === null || typeof address === "string";
      server.on("connection", (socket) => accept(socket, isUnix));
      if (!isUnix) return urlOf(address, encrypted !== undefined);
      return `unix:${address ?? `descriptor ${"fd" in where ? where.fd : ""}`}`;
    },
    reload: () => encrypted?.reload(),
    close: async () => {
      encrypted?.stop();
      await Promise.all([...servers].map((server) => new Promise((closed) => server.close(closed))));
    },
    destroy: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}

function urlOf({ address, port }: AddressInfo, secure: boolean): string {
  return `${secure ? "https" : "http"}://${hostInUrl(address)}:${port}`;
}

/** Anybody can be refused as often as they like; the log says so once in a while. Milliseconds. */
const TOLD_AGAIN_MS = 60_000;

type Refuse = (socket: Socket, cause: string) => void;

function refusals({ clock, log }: Entry): Refuse {
  let toldAt = Number.NEGATIVE_INFINITY;
  return ({ remoteAddress }, cause) => {
    if (clock.now() - toldAt < TOLD_AGAIN_MS) return;
    toldAt = clock.now();
    log.warn("proxy_protocol_refused", { address: remoteAddress, cause });
  };
}

/** A connection by address: whom the balancer speaks for, then TLS, then HTTP. */
async function enter(
  { http, clock, isBalancer, refuse }: Entry & { readonly refuse: Refuse },
  tls: TlsEntry | undefined,
  socket: Socket,
): Promise<void> {
  const ends = endsOf(socket);
  if (isBalancer && !isBalancer(socket.remoteAddress ?? "")) {
    refuse(socket, "not a trusted proxy");
    return void socket.on("error", () => {}).destroy();
  }
  const header = isBalancer && (await takeProxyHeader(socket, clock));
  if (isBalancer && !header) return refuse(socket, "no proper header");
  if (tls) return tls.take(socket, ends, header?.source);
  if (header?.source) comesFrom(socket, header.source);
  http.emit("connection", socket);
}
