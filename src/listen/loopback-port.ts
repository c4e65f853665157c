import type { Server as HttpServer } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { CannotListen, isNotHere, startServer } from "./start-server.ts";

/** One port of this machine that is listened at, for both kinds of address (RFC 8252 7.3). */
export interface LoopbackPort {
  readonly port: number;
  /** Takes no more connections, and ends those that are open. */
  close(): void;
}

/**
 * Listens at a port of 127.0.0.1 and of ::1, where this machine has one; 0: at any that is free. Throws `CannotListen` when
 * either is somebody else's: a browser may try either, and would bring them what is meant for us.
 */
export async function openLoopbackPort(http: HttpServer, wanted: number): Promise<LoopbackPort> {
  const sockets = new Set<Socket>();
  const listen = async (host: string, port: number): Promise<Server> => {
    const server = createServer({ noDelay: true });
    await startServer(server, { host, port });
    server.on("error", () => {});
    server.on("connection", (socket) => {
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
      http.emit("connection", socket);
    });
    return server;
  };
  const first = await listen("127.0.0.1", wanted);
  const { port } = first.address() as AddressInfo;
  const second = await listen("::1", port).catch((error: unknown) => {
    if (error instanceof CannotListen && isNotHere(error)) return undefined;
    first.close();
    throw error;
  });
  return {
    port,
    close: () => {
      for (const server of [first, second]) server?.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
