/**
 * The frame of the servers that misbehave on demand. Owns the log of requests and what is answered next; what a good answer
 * is, is the caller's, and how each fault looks on the wire is in faults.ts.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "./faults.ts";
import type { Fault, FaultyServer, RecordedRequest } from "./misbehaving.ts";
import type { Proper } from "./proper.ts";

/** What one server remembers. */
interface Memory {
  readonly queues: Map<string, Fault[]>;
  readonly holding: Set<ServerResponse>;
  readonly requests: RecordedRequest[];
  now(): number;
  proper(request: RecordedRequest): Proper;
}

/** Starts one on a free port; `proper` is asked at most once per request, and commits what its answer says. */
export async function startFaultyServer(
  now: () => number,
  proper: (request: RecordedRequest) => Proper,
): Promise<FaultyServer> {
  const requests: RecordedRequest[] = [];
  const queues = new Map<string, Fault[]>();
  const holding = new Set<ServerResponse>();
  const memory = { queues, holding, requests, now, proper };
  const http = createServer((request, response) => void answer(memory, request, response));
  await new Promise<void>((done) => http.listen(0, "127.0.0.1", done));
  return {
    origin: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    requests,
    to: (path) => requests.filter((request) => request.path === path),
    reply: (path, ...faults) => void queues.set(path, [...faults]),
    behave: (path) => (path === undefined ? queues.clear() : void queues.delete(path)),
    holding,
    close: () =>
      new Promise((done) => {
        http.close(() => done());
        http.closeAllConnections();
      }),
  };
}

async function answer(memory: Memory, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { queues, holding } = memory;
  const { method = "", headers, url: target = "/" } = request;
  const path = target.split("?")[0] ?? "";
  const body = await readBody(request);
  const form = new URLSearchParams(body);
  const recorded = { method, path, target, headers, form, body, at: memory.now() };
  memory.requests.push(recorded);
  const queue = queues.get(path) ?? [];
  const fault = queue.length > 1 ? queue.shift() : queue[0];
  const answered = (fault ?? good)({ request, response, form, proper: () => memory.proper(recorded) });
  if (!response.writableEnded && !request.socket.destroyed) {
    holding.add(response);
    for (const end of ["finish", "close"]) response.once(end, () => holding.delete(response));
  }
  return answered;
}

const good: Fault = (exchange) => {
  const { status, body, html, headers } = exchange.proper();
  if (html !== undefined) {
    return void exchange.response
      .writeHead(status, { ...headers, "content-type": "text/html; charset=utf-8" })
      .end(html);
  }
  return json(status, body, headers)(exchange);
};

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
