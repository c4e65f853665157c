/**
 * An authorization server that does what it is told, faults included. Owns a small model of tokens (so that a lost or
 * doubled one shows) and a log of every request; how each fault looks on the wire is in faults.ts.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "./faults.ts";
import { makeIdTokens } from "./id-tokens.ts";
import type { Fault, Misbehaving, RecordedRequest } from "./misbehaving.ts";
import type { Proper } from "./proper.ts";
import { TokenModel } from "./token-model.ts";

type ProperAnswer = (exchange: { form: URLSearchParams; server: Misbehaving; body: string }) => Proper;

export async function startMisbehavingServer(now: () => number = () => performance.now()): Promise<Misbehaving> {
  const requests: RecordedRequest[] = [];
  const queues = new Map<string, Fault[]>();
  const holding = new Set<ServerResponse>();
  const http = createServer(
    (request, response) => void answer({ server, queues, holding, requests, now }, request, response),
  );
  await new Promise<void>((done) => http.listen(0, "127.0.0.1", done));
  const issuer = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const server: Misbehaving = {
    issuer,
    tokens: new TokenModel(now),
    idTokens: await makeIdTokens(issuer),
    requests,
    to: (path) => requests.filter((request) => request.path === path),
    reply: (path, ...faults) => void queues.set(path, [...faults]),
    behave: (path) => (path === undefined ? queues.clear() : void queues.delete(path)),
    holding,
    metadata: {},
    close: () =>
      new Promise((done) => {
        http.close(() => done());
        http.closeAllConnections();
      }),
  };

  return server;
}

/** What one server remembers. */
interface Memory {
  readonly server: Misbehaving;
  readonly queues: Map<string, Fault[]>;
  readonly holding: Set<ServerResponse>;
  readonly requests: RecordedRequest[];
  now(): number;
}

async function answer(memory: Memory, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { server, queues, holding } = memory;
  const path = new URL(request.url ?? "/", server.issuer).pathname;
  const body = await readBody(request);
  const form = new URLSearchParams(body);
  const { method = "", headers, url: target = "" } = request;
  memory.requests.push({ method, path, target, headers, form, body, at: memory.now() });
  const proper = () => (PROPER[path] ?? notFound)({ form, server, body });
  const queue = queues.get(path) ?? [];
  const fault = queue.length > 1 ? queue.shift() : queue[0];
  const answered = (fault ?? good)({ request, response, form, server, proper });
  if (!response.writableEnded && !request.socket.destroyed) {
    holding.add(response);
    for (const end of ["finish", "close"]) response.once(end, () => holding.delete(response));
  }
  return answered;
}

const good: Fault = (exchange) => {
  const { status, body } = exchange.proper();
  return json(status, body)(exchange);
};

const PROPER: Readonly<Record<string, ProperAnswer>> = {
  "/.well-known/openid-configuration": metadata,
  "/.well-known/oauth-authorization-server": metadata,
  "/jwks": ({ server }) => ({ status: 200, body: server.idTokens.jwks }),
  "/device": ({ server }) => ({ status: 200, body: server.tokens.startDevice(server.issuer) }),
  "/token": ({ form, server }) => server.tokens.token(form),
  "/revoke": ({ form, server }) => server.tokens.revoke(form),
  "/register": ({ body }) => ({ status: 201, body: { ...JSON.parse(body), client_id: "registered-client" } }),
  "/userinfo": () => ({ status: 200, body: { sub: "alice", name: "Alice" } }),
};

function notFound(): Proper {
  return { status: 404, body: { error: "not_found" } };
}

function metadata({ server }: { server: Misbehaving }): Proper {
  const { issuer } = server;
  const body = {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    device_authorization_endpoint: `${issuer}/device`,
    revocation_endpoint: `${issuer}/revoke`,
    registration_endpoint: `${issuer}/register`,
    userinfo_endpoint: `${issuer}/userinfo`,
    jwks_uri: `${issuer}/jwks`,
    id_token_signing_alg_values_supported: ["RS256"],
    token_endpoint_auth_methods_supported: ["none", "client_secret_post", "client_secret_basic"],
    ...server.metadata,
  };
  return { status: 200, body };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
