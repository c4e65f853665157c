import type { Server as HttpServer } from "node:http";
import { createServer, type Server, type TlsOptions } from "node:tls";
import type { Clock } from "../process/clock.ts";
import type { Log } from "../process/log.ts";
import type { Identity, TlsFiles } from "./certificates.ts";
import { type Renewal, startRenewal } from "./renewal.ts";
import { tellAsBelow } from "./source.ts";

export interface Tls {
  readonly files: TlsFiles;
  /** What they hold at the start. */
  readonly identity: Identity;
}

/** A client that only connects costs a socket for so long. Milliseconds. */
const HANDSHAKE_MS = 10_000;

interface Encrypting {
  readonly http: HttpServer;
  readonly clock: Pick<Clock, "now" | "after">;
  readonly log: Log;
}

/** A TLS server that listens nowhere: connections are given to it, and what they carry to the HTTP server. Follows its files. */
export function createTlsServer(
  { files, identity }: Tls,
  { http, clock, log }: Encrypting,
): Renewal & { server: Server } {
  const server = createServer({ ...contextOf(identity), handshakeTimeout: HANDSHAKE_MS, ALPNProtocols: ["http/1.1"] });
  server.on("secureConnection", (socket) => {
    tellAsBelow(socket);
    http.emit("connection", socket);
  });
  // Open connections keep what they were made with.
  const use = (next: Identity) => server.setSecureContext(contextOf(next));
  return { server, ...startRenewal(files, identity, { clock, log, use }) };
}

/** RFC 9325 3.1.1: nothing below TLS 1.2. */
function contextOf({ cert, key, ca }: Identity): TlsOptions {
  const clients = ca === undefined ? {} : { ca, requestCert: true, rejectUnauthorized: true };
  return { cert, key, minVersion: "TLSv1.2", ...clients };
}
