import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { connect, type Socket } from "node:net";
import type { TestContext } from "node:test";
import { portOf } from "./free-port.ts";

/** What the proxy does with a CONNECT: passes on to a port of this machine, answers a status, or says nothing. */
export type Behaviour = { readonly port: number } | { readonly status: number } | "end" | "silence";

export interface ConnectProxy {
  readonly port: number;
  /** What each CONNECT asked for. */
  readonly asked: readonly { readonly authority: string; readonly headers: IncomingHttpHeaders }[];
}

/** An HTTP proxy (CONNECT only) on 127.0.0.1; wherever it is told to connect, it does what the test says. */
export async function startConnectProxy(
  t: TestContext,
  behave: (authority: string, headers: IncomingHttpHeaders) => Behaviour,
): Promise<ConnectProxy> {
  const asked: { authority: string; headers: IncomingHttpHeaders }[] = [];
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
  };
  const server = createServer((_request, response) => void response.writeHead(400).end());
  server.on("connection", keep);
  server.on("connect", ({ url: authority = "", headers }, client: Socket) => {
    asked.push({ authority, headers });
    const what = behave(authority, headers);
    if (what === "silence") return;
    if (what === "end") return void client.destroy();
    if ("status" in what) return void client.end(`HTTP/1.1 ${what.status} No\r\nContent-Length: 0\r\n\r\n`);
    const upstream = connect(what.port, "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      client.pipe(upstream).pipe(client);
    });
    keep(upstream);
    upstream.on("close", () => client.destroy());
    client.on("close", () => upstream.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: portOf(server), asked };
}
