import type { TestContext } from "node:test";
import { type ApiServer, startApi, textOf } from "../../servers/api-server.ts";
import type { CoatcheckOptions } from "../coatcheck.ts";
import type { Pair } from "../misbehaving.ts";
import { begin, beginActive, type Program, startSessions } from "../sessions.ts";

export interface Gateway {
  readonly pair: Pair;
  /** The MCP server, which answers as it is told. */
  readonly server: ApiServer;
  readonly program: Program;
  /** One request to the gateway; a message is posted. */
  send(message?: unknown, init?: RequestInit & { readonly path?: string }): Promise<Response>;
  /** What the server was posted, parsed. */
  posted(): readonly Record<string, unknown>[];
}

interface GatewayOptions {
  /** Of the server record. */
  readonly record?: Record<string, unknown>;
  /** Of the session. */
  readonly session?: Record<string, unknown>;
  /** Nobody has approved its login. */
  readonly isPending?: boolean;
  readonly coatcheck?: CoatcheckOptions;
}

/** A program with a session at an MCP server that its operator has listed. */
export async function startGateway(t: TestContext, options: GatewayOptions = {}): Promise<Gateway> {
  const { record = {}, session = {}, isPending = false, coatcheck = {} } = options;
  const server = await startApi(t);
  server.handle = async (request, response, seen) => {
    seen.body = await textOf(request);
    const { id, method } = seen.body === "" ? {} : JSON.parse(seen.body);
    if (id === undefined) return response.writeHead(202).end();
    const result = { content: [{ type: "text", text: method }] };
    return response
      .writeHead(200, { "content-type": "application/json" })
      .end(JSON.stringify({ jsonrpc: "2.0", id, result }));
  };
  const pair = await startSessions(t, { proxy_apis: { mcp: `${server.url}/mcp` }, ...record }, coatcheck);
  const program = await (isPending ? begin : beginActive)(pair, session);
  return {
    pair,
    server,
    program,
    send: (message, { path = "/mcp/as", ...init } = {}) =>
      fetch(pair.running.address + path, {
        method: message === undefined ? "GET" : "POST",
        redirect: "manual",
        ...(message !== undefined && { body: typeof message === "string" ? message : JSON.stringify(message) }),
        ...init,
        headers: {
          authorization: `Bearer ${program.secret}`,
          accept: "application/json, text/event-stream",
          "content-type": "application/json",
          ...(init.headers as Record<string, string>),
        },
      }),
    posted: () => server.seen.flatMap(({ body }) => (body === "" ? [] : [JSON.parse(body)])),
  };
}

/** A request of a legacy agent. */
export function ask(method: string, params: Record<string, unknown> = {}, id: number | string = 1) {
  return { jsonrpc: "2.0", id, method, params };
}

/** What a modern agent says of itself in each request. */
export function modern(capabilities: Record<string, unknown> = {}) {
  return {
    _meta: {
      "io.modelcontextprotocol/protocolVersion": "2026-07-28",
      "io.modelcontextprotocol/clientCapabilities": capabilities,
    },
  };
}

/** Answers one message with JSON. */
export const answering =
  (result: unknown, headers: Record<string, string | string[]> = {}): ApiServer["handle"] =>
  async (request, response, seen) => {
    seen.body = await textOf(request);
    const { id } = seen.body === "" ? {} : JSON.parse(seen.body);
    response.writeHead(200, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify({ jsonrpc: "2.0", id, result }));
  };
