/**
 * The frame of the servers that misbehave on demand. Owns the log of requests and what is answered next; what a good answer
 * is, is the caller's, and how each fault looks on the wire is in faults.ts.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Proper } from "../../src/dev/proper.ts";
import { close, listen, originOf, receive, send } from "../../src/dev/server.ts";
import type { Fault, FaultyServer, RecordedRequest } from "./misbehaving.ts";

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
  await listen(http, 0);
  return {
    origin: originOf(http),
    requests,
    to: (path) => requests.filter((request) => request.path === path),
    reply: (path, ...faults) => void queues.set(path, [...faults]),
    behave: (path) => (path === undefined ? queues.clear() : void queues.delete(path)),
    holding,
    close: () => close(http),
  };
}

async function answer(memory: Memory, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { queues, holding } = memory;
  const recorded = { ...(await receive(request)), at: memory.now() };
  const { path, form } = recorded;
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

const good: Fault = (exchange) => send(exchange.response, exchange.proper());
