import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { TestContext } from "node:test";
import { portOf } from "../free-port.ts";

/** Members of which a test knows that they are there; what they are it compares. */
export interface Json {
  readonly [member: string]: Json;
}

/** A message as it was posted. */
export interface Posted {
  readonly id: string | number;
  readonly method: string;
  readonly params: Json;
  readonly result: Json;
}

/** What a server was sent. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Without members where none came. */
  readonly body: Posted;
  readonly response: ServerResponse;
}

/** What it answers: a message by `json` or `result`, events one after the other, or the bare status. `undefined`: the test does it. */
export interface Scripted {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly result?: unknown;
  readonly error?: unknown;
  readonly json?: unknown;
  readonly text?: string;
  /** Bodies of events; the stream ends behind the last one. */
  readonly events?: readonly (string | object)[];
}

export type Script = (seen: Seen) => Scripted | undefined | Promise<Scripted | undefined>;

/** An MCP server that does what a test says, odd things above all. */
export async function scriptedServer(t: TestContext, script: Script) {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    const text = await bodyOf(request);
    const body = text === "" ? {} : JSON.parse(text);
    const one = { method: request.method ?? "", path: request.url ?? "", headers: request.headers, body, response };
    seen.push(one);
    const answer = await script(one);
    if (answer) write(response, body?.id, answer);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const port = portOf(server);
  return { url: `http://127.0.0.1:${port}/mcp`, seen, server, calls: () => seen.map(({ body }) => body?.method) };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const part of request.setEncoding("utf8")) text += part;
  return text;
}

function write(response: ServerResponse, id: unknown, { status = 200, headers = {}, ...answer }: Scripted): void {
  const { result, error, json, text, events } = answer;
  if (events) {
    response.writeHead(status, { "content-type": "text/event-stream", ...headers });
    for (const event of events) response.write(typeof event === "string" ? event : eventOf(event));
    response.end();
    return;
  }
  const message =
    json ?? (result !== undefined || error !== undefined ? { jsonrpc: "2.0", id, result, error } : undefined);
  const body = text ?? (message === undefined ? undefined : JSON.stringify(message));
  response.writeHead(status, { ...(body !== undefined && { "content-type": "application/json" }), ...headers });
  response.end(body);
}

export function eventOf(message: object): string {
  return `event: message\ndata: ${JSON.stringify(message)}\n\n`;
}

/** `notifications/…` are taken with 202. */
export function withNotifications(script: Script): Script {
  return (seen) => (seen.method === "POST" && seen.body?.id === undefined ? { status: 202 } : script(seen));
}
