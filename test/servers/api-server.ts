import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { TestContext } from "node:test";
import { portOf } from "./free-port.ts";

export interface Seen {
  readonly method: string;
  /** As it was sent. */
  readonly target: string;
  readonly headers: IncomingMessage["headers"];
  readonly rawHeaders: readonly string[];
  body: string;
}

type Handler = (request: IncomingMessage, response: ServerResponse, seen: Seen) => unknown;

export interface ApiServer {
  readonly url: string;
  /** Everything that was asked, oldest first. */
  readonly seen: readonly Seen[];
  handle: Handler;
}

/** An API behind the proxy, which remembers what it was asked and answers as it is told. */
export async function startApi(t: TestContext): Promise<ApiServer> {
  const seen: Seen[] = [];
  const api: { url: string; readonly seen: Seen[]; handle: Handler } = { url: "", seen, handle: answerPlainly };
  const server = createServer((request, response) => {
    const { method = "", url: target = "", headers, rawHeaders } = request;
    const one: Seen = { method, target, headers, rawHeaders, body: "" };
    seen.push(one);
    return void api.handle(request, response, one);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  api.url = `http://127.0.0.1:${portOf(server)}`;
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return api;
}

const answerPlainly: Handler = async (request, response, seen) => {
  seen.body = await textOf(request);
  response.writeHead(200, { "content-type": "application/json" }).end('{"ok":true}');
};

export async function textOf(request: AsyncIterable<unknown>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
