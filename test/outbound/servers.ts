import { createServer as createHttpServer, type RequestListener } from "node:http";
import { createServer as createTcpServer, type Socket } from "node:net";
import type { TestContext } from "node:test";
import { parseNetworks } from "../../src/outbound/address-policy.ts";
import { createGuardedFetch, type GuardedFetchOptions } from "../../src/outbound/guarded-fetch.ts";
import { TransportError } from "../../src/protocol/response/transport-error.ts";
import { portOf } from "../servers/free-port.ts";

/** A guarded fetch that may reach the test's own servers. */
export function loopbackFetch(options: Partial<GuardedFetchOptions> = {}) {
  return createGuardedFetch({ policy: parseNetworks("loopback"), userAgent: "Coatcheck/test", ...options });
}

/** An HTTP server on a free port; closed with the test. */
export async function serveHttp(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createHttpServer(listener);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${portOf(server)}`;
}

/** A TCP server that answers bytes by hand; `talk` runs once the request's first bytes are there. */
export async function serveTcp(t: TestContext, talk: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("data", () => talk(socket));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${portOf(server)}`;
}

/** What the fetch rejected with, as plain data. */
export async function failure(request: Promise<Response>): Promise<{ code: string; sent: boolean } | string> {
  try {
    return `answered with ${(await request).status}`;
  } catch (error) {
    return error instanceof TransportError ? { code: error.code, sent: error.sent } : `threw ${error}`;
  }
}
