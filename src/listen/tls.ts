import type { Server as HttpServer } from "node:http";
import type { Socket } from "node:net";
import { createServer, type TlsOptions } from "node:tls";
import type { Clock } from "../process/clock.ts";
import type { Log } from "../process/log.ts";
import type { Identity, TlsFiles } from "./certificates.ts";
import { type Renewal, startRenewal } from "./renewal.ts";
import { comesFrom, endsOf, type Source } from "./source.ts";

export interface Tls {
  readonly files: TlsFiles;
  /** What they hold at the start. */
  readonly identity: Identity;
}

/** A client that only connects costs a socket for so long. Milliseconds. */
const HANDSHAKE_MS = 10_000;

/**
 * Handshakes at once; where there are more, the oldest of whoever has most of them makes room, so that whoever only connects
 * keeps nobody out and pushes nobody else out of theirs.
 */
const MOST_HANDSHAKES = 1_024;

interface Encrypting {
  readonly http: HttpServer;
  readonly clock: Pick<Clock, "now" | "after">;
  readonly log: Log;
  readonly mostHandshakes?: number;
  /** What addresses are counted by. */
  networkOf(address: string): string;
}

/** A TLS server that listens nowhere. */
export interface TlsEntry extends Renewal {
  /** What the connection carries goes to the HTTP server, as if it came from `source`. `ends`: as it came (`endsOf`). */
  take(socket: Socket, ends: string, source: Source | undefined): void;
}

/** Follows its files: open connections keep what they were made with. */
export function createTlsEntry({ files, identity }: Tls, encrypting: Encrypting): TlsEntry {
  const { http, clock, log, mostHandshakes = MOST_HANDSHAKES, networkOf } = encrypting;
  const server = createServer({ ...contextOf(identity), ALPNProtocols: ["http/1.1"] });
  const handshakes = new Map<string, Handshake>();
  const byNetwork = new Map<string, Set<Handshake>>();
  server.on("secureConnection", (socket) => {
    const handshake = handshakes.get(endsOf(socket));
    handshake?.done();
    if (handshake?.source) comesFrom(socket, handshake.source);
    http.emit("connection", socket);
  });
  const take: TlsEntry["take"] = (socket, ends, source) => {
    const network = networkOf(source?.address ?? socket.remoteAddress ?? "");
    const cancel = clock.after(HANDSHAKE_MS, () => socket.destroy());
    const done = () => {
      cancel();
      handshakes.delete(ends);
      const others = byNetwork.get(network);
      if (others?.delete(handshake) && others.size === 0) byNetwork.delete(network);
    };
    const handshake = { socket, source, done };
    if (handshakes.size >= mostHandshakes) giveUp(byNetwork.values());
    handshakes.set(ends, handshake);
    byNetwork.set(network, (byNetwork.get(network) ?? new Set()).add(handshake));
    socket.once("close", done);
    server.emit("connection", socket);
  };
  const use = (next: Identity) => server.setSecureContext(contextOf(next));
  return { take, ...startRenewal(files, identity, { clock, log, use }) };
}

interface Handshake {
  readonly socket: Socket;
  readonly source: Source | undefined;
  /** It is counted no more. */
  readonly done: () => void;
}

/** The oldest of whoever has most. */
function giveUp(networks: Iterable<ReadonlySet<Handshake>>): void {
  let most: ReadonlySet<Handshake> = new Set();
  for (const one of networks) if (one.size > most.size) most = one;
  const [oldest] = most;
  oldest?.done();
  oldest?.socket.destroy();
}

/** RFC 9325 3.1.1: nothing below TLS 1.2. */
function contextOf({ cert, key, ca }: Identity): TlsOptions {
  const clients = ca === undefined ? {} : { ca, requestCert: true, rejectUnauthorized: true };
  return { cert, key, minVersion: "TLSv1.2", ...clients };
}
