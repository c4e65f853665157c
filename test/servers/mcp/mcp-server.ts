/**
 * An MCP server behind the certified OpenID provider: modern (2026-07-28), legacy (2025-11-25) or both, with tools that answer.
 * Owns the resource's side: its metadata, challenges, and which tokens it takes; OAuth is openid-provider.ts's.
 */
import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type Provider from "oidc-provider";
import { type OpenIdProviderOptions, startOpenIdProvider } from "../../../src/dev/openid-provider.ts";
import { close, listen, originOf, type ReceivedRequest, receive } from "../../../src/dev/server.ts";

export interface McpTool {
  readonly name: string;
  readonly description?: string;
  readonly inputSchema?: object;
  /** Needed beside those of every request: 403 with `insufficient_scope` without it. */
  readonly scope?: string;
  /** What it answers; its arguments as text unless given. */
  readonly call?: (args: Record<string, unknown>) => object | Promise<object>;
}

export interface McpServerOptions
  extends Pick<OpenIdProviderOptions, "ttl" | "person" | "device" | "now" | "discovery"> {
  /** Of the MCP server; 0 = any. */
  readonly port?: number;
  readonly path?: string;
  readonly eras?: readonly ("modern" | "legacy")[];
  /** What follows the origin in the issuer. */
  readonly issuerPath?: string;
  readonly issuerPort?: number;
  /** In the challenge and in the metadata. */
  readonly scopes?: readonly string[];
  /** The `WWW-Authenticate` field of a 401 instead of the usual one; null: none. */
  readonly challenge?: string | null;
  /** Members over those of the protected resource metadata; null: there is no document. */
  readonly document?: Readonly<Record<string, unknown>> | null;
  /** Methods that are answered without a token. */
  readonly open?: readonly string[];
  readonly tools?: readonly McpTool[];
  /** A request that is answered before anything else is looked at; true: it was. */
  readonly intercept?: (request: McpRequest, response: ServerResponse) => boolean | Promise<boolean>;
}

/** A request to the endpoint, and what it says. */
export interface McpRequest extends ReceivedRequest {
  readonly message: Message;
}

interface Message {
  readonly id?: string | number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
}

export interface McpServer {
  /** The endpoint. */
  readonly url: string;
  readonly issuer: string;
  readonly provider: Provider;
  /** Requests to the endpoint, oldest first. */
  readonly requests: readonly McpRequest[];
  /** `METHOD /path` of all requests to this origin. */
  readonly asked: readonly string[];
  /** May be changed while it runs. */
  readonly tools: McpTool[];
  close(): Promise<void>;
}

const ECHO: McpTool = { name: "echo", description: "Answers what it is told." };

/** Starts one, and the provider that protects it. */
export async function startMcpServer(options: McpServerOptions = {}): Promise<McpServer> {
  const { port = 0, path = "/mcp", issuerPath = "", issuerPort = 0, ttl, person, device, now, discovery } = options;
  const requests: McpRequest[] = [];
  const asked: string[] = [];
  const tools = [...(options.tools ?? [ECHO])];
  let handle = async (_request: IncomingMessage, response: ServerResponse): Promise<void> =>
    void response.writeHead(503).end();
  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  await listen(server, port);
  const url = originOf(server) + path;
  const issuing = await startOpenIdProvider({
    clients: [],
    port: issuerPort,
    path: issuerPath,
    ...(discovery && { discovery }),
    ...(ttl && { ttl }),
    ...(person !== undefined && { person }),
    ...(device !== undefined && { device }),
    ...(now && { now }),
  });
  const { issuer, provider } = issuing;
  const place: Place = { url, issuer, provider, options, tools, sessions: new Set() };
  handle = async (request, response) => {
    asked.push(`${request.method} ${request.url?.split("?")[0]}`);
    const received = await receive(request);
    if (received.path !== path) return answerDocument(place, received, response);
    const message = parsed(received.body);
    const one = { ...received, message };
    requests.push(one);
    if (await options.intercept?.(one, response)) return;
    await answer(place, one, response);
  };
  const stop = async () => void (await Promise.all([close(server), issuing.close()]));
  return { url, issuer, provider, requests, asked, tools, close: stop };
}

interface Place {
  readonly url: string;
  readonly issuer: string;
  readonly provider: Provider;
  readonly options: McpServerOptions;
  readonly tools: readonly McpTool[];
  /** Of legacy clients. */
  readonly sessions: Set<string>;
}

function parsed(body: string): Message {
  try {
    return JSON.parse(body);
  } catch {
    return {};
  }
}

const WELL_KNOWN = "/.well-known/oauth-protected-resource";

function metadataUrl({ url }: Place): string {
  const { origin, pathname } = new URL(url);
  return origin + WELL_KNOWN + (pathname === "/" ? "" : pathname);
}

function answerDocument(place: Place, { path }: ReceivedRequest, response: ServerResponse): void {
  const { document = {}, scopes = [] } = place.options;
  const isThere = document !== null && path === new URL(metadataUrl(place)).pathname;
  if (!isThere) return void response.writeHead(404).end();
  const usual = {
    resource: place.url,
    authorization_servers: [place.issuer],
    ...(scopes.length > 0 && { scopes_supported: scopes }),
    bearer_methods_supported: ["header"],
  };
  json(response, 200, { ...usual, ...document });
}

/** What a token must be for; of those that the provider issued. */
async function scopesOf(place: Place, request: McpRequest): Promise<readonly string[] | undefined> {
  const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? "")?.[1];
  if (token === undefined) return undefined;
  const { AccessToken, ClientCredentials } = place.provider;
  const found = (await AccessToken.find(token)) ?? (await ClientCredentials.find(token));
  if (!found || found.remainingTTL <= 0) return undefined;
  const { resource = place.url } = (place.options.document ?? {}) as { resource?: string };
  // RFC 8707 2: a token for somebody else is no token here.
  if (![found.aud ?? []].flat().includes(resource)) return undefined;
  return (found.scope ?? "").split(" ").filter((scope) => scope !== "");
}

async function answer(place: Place, request: McpRequest, response: ServerResponse): Promise<void> {
  const { open = [], scopes: wanted = [] } = place.options;
  const { method = "" } = request.message;
  const scopes = await scopesOf(place, request);
  if (!scopes && !open.includes(method)) {
    const given = request.headers.authorization !== undefined;
    return refuse(place, response, 401, given ? "invalid_token" : undefined, wanted);
  }
  const tool =
    method === "tools/call" ? place.tools.find(({ name }) => name === request.message.params?.name) : undefined;
  const needed = [...wanted, ...(tool?.scope === undefined ? [] : [tool.scope])];
  if (scopes && needed.some((scope) => !scopes.includes(scope)))
    return refuse(place, response, 403, "insufficient_scope", needed);
  await respond(place, request, response, tool);
}

function refuse(
  place: Place,
  response: ServerResponse,
  status: number,
  error: string | undefined,
  scopes: readonly string[],
): void {
  const usual = [
    `resource_metadata="${metadataUrl(place)}"`,
    ...(error === undefined ? [] : [`error="${error}"`]),
    ...(scopes.length === 0 ? [] : [`scope="${scopes.join(" ")}"`]),
  ];
  const { challenge = place.options.document === null ? "Bearer" : `Bearer ${usual.join(", ")}` } = place.options;
  response.writeHead(status, challenge === null ? {} : { "www-authenticate": challenge }).end();
}

const SERVER_INFO = { name: "test-server", version: "1.0.0" };
const CAPABILITIES = { tools: { listChanged: true } };

/** What each method answers to somebody who may. */
async function respond(
  place: Place,
  { method: verb, headers, message }: McpRequest,
  response: ServerResponse,
  tool: McpTool | undefined,
): Promise<void> {
  const { eras = ["modern", "legacy"] } = place.options;
  const isModern = headers["mcp-protocol-version"] === "2026-07-28";
  if (verb === "GET") return void response.writeHead(405).end();
  if (verb === "DELETE") return void response.writeHead(204).end();
  if (isModern && !eras.includes("modern")) return json(response, 400, rpcError(message, -32_000, "Bad Request"));
  if (!isModern && !eras.includes("legacy"))
    return json(
      response,
      400,
      rpcError(message, -32_022, "Unsupported protocol version", { supported: ["2026-07-28"] }),
    );
  if (message.id === undefined) return void response.writeHead(202).end();
  const result = await resultOf(place, message, isModern, tool);
  if (!result) return json(response, isModern ? 404 : 200, rpcError(message, -32_601, "Method not found"));
  const session = message.method === "initialize" ? { "mcp-session-id": newSession(place) } : {};
  json(response, 200, { jsonrpc: "2.0", id: message.id, result }, session);
}

function newSession({ sessions }: Place): string {
  const id = randomUUID();
  sessions.add(id);
  return id;
}

async function resultOf(
  { tools }: Place,
  { method, params = {} }: Message,
  isModern: boolean,
  tool: McpTool | undefined,
): Promise<object | undefined> {
  const modern = isModern ? { resultType: "complete" } : {};
  const cached = isModern ? { ttlMs: 0, cacheScope: "private" } : {};
  switch (method) {
    case "server/discover":
      return isModern
        ? {
            ...modern,
            ...cached,
            supportedVersions: ["2026-07-28"],
            capabilities: CAPABILITIES,
            serverInfo: SERVER_INFO,
          }
        : undefined;
    case "initialize":
      return isModern
        ? undefined
        : { protocolVersion: "2025-11-25", capabilities: CAPABILITIES, serverInfo: SERVER_INFO };
    case "ping":
      return isModern ? undefined : {};
    case "tools/list":
      return { ...modern, ...cached, tools: tools.map(listed) };
    case "tools/call": {
      const args = (params.arguments ?? {}) as Record<string, unknown>;
      if (!tool) return { ...modern, content: [{ type: "text", text: "no such tool" }], isError: true };
      const answered = (await tool.call?.(args)) ?? { content: [{ type: "text", text: JSON.stringify(args) }] };
      return { ...modern, ...answered };
    }
    default:
      return undefined;
  }
}

function listed({ name, description = name, inputSchema = { type: "object" } }: McpTool): object {
  return { name, description, inputSchema };
}

function rpcError({ id = null }: { readonly id?: string | number | null }, code: number, text: string, data?: object) {
  return { jsonrpc: "2.0", id, error: { code, message: text, ...(data && { data }) } };
}

function json(response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}
