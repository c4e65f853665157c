import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Deps, Ticker } from "../app-types.ts";
import { blocked, recordRefusal } from "./audit.ts";

/** Requests below this are passed on. */
export const PROXY = "/session/proxy/";

/** Bodies of them up to this are kept until the answer comes, so that a 401 can be followed by a second try. Bytes. */
export const REPLAYABLE = 262_144;

/** Whether its body goes on as it comes, and may last as long as bytes move. */
export function streamsOn({ url, headers }: Pick<IncomingMessage, "url" | "headers">): boolean {
  return url?.startsWith(PROXY) === true && !(Number(headers["content-length"]) <= REPLAYABLE);
}

interface Refusal {
  readonly status: string;
  readonly text: string;
  /** In a second it may be otherwise. */
  readonly again?: boolean;
}

/** Answers to what Node's parser refuses, and to whom there is no room for, in Vault's form. */
const REFUSALS: Readonly<Record<string, Refusal>> = {
  HPE_HEADER_OVERFLOW: { status: "431 Request Header Fields Too Large", text: "request header fields too large" },
  ERR_HTTP_REQUEST_TIMEOUT: { status: "408 Request Timeout", text: "request timeout" },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: { status: "413 Payload Too Large", text: "request body too large" },
  TOO_MANY: { status: "503 Service Unavailable", text: "too many connections: try again in a moment", again: true },
  TOO_MANY_OF_ADDRESS: {
    status: "429 Too Many Requests",
    text: "too many connections from your address: try again in a moment",
    again: true,
  },
};
const BAD_REQUEST: Refusal = { status: "400 Bad Request", text: "bad request" };

/** How long the rest of a refused request is swallowed, so that the answer is read before the connection is reset. */
const LINGER_MS = 2_000;

/** Node puts these on a socket; a new parser needs one without the old one's. "close" stays: it frees the parser, and others count by it. */
const PARSER_EVENTS = ["data", "end", "drain", "error", "timeout", "resume", "pause"];

interface ParserError extends Error {
  readonly code?: string;
  readonly rawPacket?: Uint8Array;
  /** Bytes of the packet before what the parser refuses. */
  readonly bytesParsed?: number;
}

type Socket = Duplex & { setTimeout?(milliseconds: number): unknown };

/**
 * What happens before Fastify: the LIST method, which Node's parser does not know (vault-http.md 1.1), and refusals of
 * what is no HTTP.
 */
export function attachTransport(server: Server, clock: Ticker): void {
  const open = new WeakMap<Duplex, Exchange>();
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    if (response.writableEnded) return;
    const { socket } = request;
    const exchange = { request, response };
    open.set(socket, exchange);
    response.on("close", () => open.get(socket) === exchange && open.delete(socket));
  });
  server.on("clientError", (error: ParserError, socket: Socket) => {
    if (socket.destroyed || !socket.writable || error.code === "ECONNRESET") return socket.destroy();
    const unanswered = open.get(socket);
    // Node says so once per request; a body that is passed on may take its time, and has a limit of its own.
    if (error.code === "ERR_HTTP_REQUEST_TIMEOUT" && unanswered && streamsOn(unanswered.request)) return undefined;
    if (unanswered?.request.complete) return endAfter(unanswered, socket);
    const bytes = unanswered ? undefined : rewriteList(error);
    if (bytes) return handBack(server, socket, bytes);
    refuse(socket, error, clock);
  });
  server.on("connect", (_request, socket: Socket) => refuse(socket, undefined, clock));
}

/** No `Expect` but that of a body is met (RFC 9110 10.1.1); Node asks before it makes a request of it. */
export function refuseExpectations(server: Server, deps: Deps): void {
  server.on("checkExpectation", (request: IncomingMessage, response: ServerResponse) => {
    recordRefusal(deps, request, { status: 417, error: "expectation failed" }, (problem) => {
      const [status, text] = problem === undefined ? [417, "expectation failed"] : [503, blocked().message];
      const headers = { "content-type": "application/json", "cache-control": "no-store" };
      response.writeHead(status, headers).end(`${JSON.stringify({ errors: [text] })}\n`);
    });
  });
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/**
 * The bytes behind a complete request belong to nobody. That request is answered, since it is being carried out, and then
 * the connection ends: whatever were written now would be taken for its answer.
 */
function endAfter({ response }: Exchange, socket: Socket): void {
  detachParser(socket);
  response.on("finish", () => socket.end());
}

/** How far Node's parser reads `LIST` before it knows that it is no method, which begins as `LINK` does. */
const REFUSED_AT = 2;

/**
 * `LIST target` as `GET target?list=true`, if the packet holds the whole request line. Before it there may be the rest of a body whose
 * request was answered before it came.
 */
function rewriteList(error: ParserError): Buffer | undefined {
  if (error.code !== "HPE_INVALID_METHOD" || !error.rawPacket) return undefined;
  const all = Buffer.from(error.rawPacket);
  const begin = Math.max(0, (error.bytesParsed ?? 0) - REFUSED_AT);
  // UNLIST is refused where LIST would be: so far it might have been UNLINK.
  if (all.subarray(0, begin).toString("latin1").endsWith("UN")) return undefined;
  const packet = all.subarray(begin);
  const end = packet.indexOf("\r\n");
  if (end === -1) return undefined;
  const target = /^LIST (\S+) HTTP\/1\.([01])$/.exec(packet.toString("latin1", 0, end));
  if (target?.[1] === undefined) return undefined;
  const [path, query = ""] = target[1].split("?", 2);
  const others = query.split("&").filter((pair) => pair !== "" && !/^list(=|$)/.test(pair));
  const line = `GET ${path}?${[...others, "list=true"].join("&")} HTTP/1.${target[2]}\r\nConnection: close`;
  return Buffer.concat([Buffer.from(line, "latin1"), packet.subarray(end)]);
}

/** Gives the socket a fresh parser. `Connection: close`, because the next request on it would fail. */
function handBack(server: Server, socket: Socket, bytes: Buffer): void {
  detachParser(socket);
  // Of an encrypted connection it is what TLS has made of it: the HTTP server was given no other (src/listen).
  server.emit("connection", socket);
  socket.unshift(bytes);
}

function detachParser(socket: Socket): void {
  // The old parser reads the handle natively until somebody listens to "data"; later packets would still be its.
  socket.on("data", () => {});
  for (const event of PARSER_EVENTS) socket.removeAllListeners(event);
  socket.on("error", () => socket.destroy());
}

function refuse(socket: Socket, error: ParserError | undefined, clock: Ticker): void {
  sendAway(socket, clock, error?.code ?? "");
}

/** The answer to a code of the table above, and the end of the connection. */
export function sendAway(socket: Duplex, clock: Ticker, code: string): void {
  const { status, text, again = false }: Refusal = REFUSALS[code] ?? BAD_REQUEST;
  const body = `${JSON.stringify({ errors: [text] })}\n`;
  const head = [
    `HTTP/1.1 ${status}`,
    "Content-Type: application/json",
    "Cache-Control: no-store",
    ...(again ? ["Retry-After: 1"] : []),
    `Content-Length: ${body.length}`,
    "Connection: close",
  ];
  detachParser(socket);
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
  socket.resume();
  const cancel = clock.after(LINGER_MS, () => socket.destroy());
  socket.once("close", cancel);
}
