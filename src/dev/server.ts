/**
 * A small HTTP server for development: requests read, answers written. Owns its port; what a good answer is, is the caller's.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Proper } from "./proper.ts";

export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  /** As it was sent, its query included. */
  readonly target: string;
  readonly headers: IncomingMessage["headers"];
  readonly form: URLSearchParams;
  /** The raw body, for JSON requests. */
  readonly body: string;
}

/** A server that listens. */
export interface Listening {
  /** Without a path. */
  readonly origin: string;
  close(): Promise<void>;
}

/** Starts one on a free port. */
export async function startServer(proper: (request: ReceivedRequest) => Proper): Promise<Listening> {
  const server = createServer((request, response) => {
    const answered = receive(request).then((received) => send(response, proper(received)));
    answered.catch(() => response.destroy());
  });
  await listen(server, 0);
  return { origin: originOf(server), close: () => close(server) };
}

export async function receive(request: IncomingMessage): Promise<ReceivedRequest> {
  const { method = "", headers, url: target = "/" } = request;
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString("utf8");
  return { method, path: target.split("?")[0] ?? "", target, headers, form: new URLSearchParams(body), body };
}

export function send(response: ServerResponse, { status, body, html, headers }: Proper): void {
  const type = html === undefined ? "application/json" : "text/html; charset=utf-8";
  response.writeHead(status, { "content-type": type, ...headers }).end(html ?? JSON.stringify(body));
}

export function originOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export function listen(server: Server, port: number): Promise<void> {
  return new Promise((done, fail) => {
    server.once("error", fail);
    server.listen(port, "127.0.0.1", () => done());
  });
}

export function close(server: Server): Promise<void> {
  return new Promise((done) => {
    server.close(() => done());
    server.closeAllConnections();
  });
}
