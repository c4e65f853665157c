import { chmodSync, existsSync, unlinkSync } from "node:fs";
import { connect, createServer } from "node:net";
import type { FastifyInstance } from "fastify";
import type { Config, Listen } from "../process/config.ts";
import { StoreUnusable } from "../store/port.ts";

/** http is possible only towards what the operator named; the guarded fetch checks which. */
export function allowsHttp({ anything, networks, hosts }: Config["networks"]): boolean {
  return anything || networks.length > 0 || hosts.size > 0;
}

export function listenUrl(listen: Listen): string | undefined {
  if ("path" in listen) return undefined;
  // A free port that the system chooses is known too late to be told to anybody.
  if (listen.port === 0) return undefined;
  const everywhere = { "0.0.0.0": "127.0.0.1", "::": "::1" };
  const host = everywhere[listen.host as keyof typeof everywhere] ?? listen.host;
  return `http://${host.includes(":") ? `[${host}]` : host}:${listen.port}`;
}

/**
 * Starts listening; answers the address. A Unix socket is its owner's alone, and one that a killed process left behind is
 * taken over: whoever gets here holds the data, and nobody answers at it. Throws `StoreUnusable`.
 */
export async function listen(app: FastifyInstance, where: Listen): Promise<string> {
  if ("path" in where && existsSync(where.path) && !(await accepts(where.path))) unlinkSync(where.path);
  // It writes a host into what it is given.
  const address = await app.listen({ ...where }).catch((error: unknown) => {
    throw listenError(error, where);
  });
  if ("path" in where) chmodSync(where.path, 0o600);
  return address;
}

/**
 * Listens at one more socket, for a broker whose own has gone with its folder; its connections are the application's
 * like any other. Throws a system error.
 */
export async function listenAlso(app: FastifyInstance, path: string): Promise<void> {
  if (existsSync(path) && !(await accepts(path))) unlinkSync(path);
  const server = createServer({ allowHalfOpen: true }, (socket) => void app.server.emit("connection", socket));
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(path, resolve));
  server.on("error", () => {});
  app.server.once("close", () => server.close());
  chmodSync(path, 0o600);
}

function accepts(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", ({ code }: NodeJS.ErrnoException) => resolve(code !== "ECONNREFUSED"));
  });
}

function listenError(error: unknown, listen: Listen): unknown {
  const where = "path" in listen ? listen.path : `${listen.host}:${listen.port}`;
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE")
    return new StoreUnusable(
      `${where} is in use: stop the program that listens there, or give another address with --listen`,
    );
  if (code === "ENOTFOUND" || code === "EADDRNOTAVAIL" || code === "EAI_AGAIN") {
    return new StoreUnusable(`${where} is not an address of this machine: give another one with --listen`);
  }
  if (code === "EACCES")
    return new StoreUnusable(`this user may not listen on ${where}: give another address with --listen`);
  return error;
}
