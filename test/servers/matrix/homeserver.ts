/**
 * A Matrix homeserver to log in at: the certified OpenID provider is its authorization server, on an origin of its own, and
 * a small shim answers discovery, `whoami` and `sync`. Owns the Matrix side; OAuth is openid-provider.ts's.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout } from "node:timers/promises";
import type Provider from "oidc-provider";
import type { ClientMetadata } from "oidc-provider";
import { ACCOUNT_ACTIONS, discoveryAnswers, type Rung } from "../../../src/dev/matrix/discovery.ts";
import { CORS, matrixError } from "../../../src/dev/matrix/wire.ts";
import { type OpenIdProviderOptions, startOpenIdProvider } from "../../../src/dev/openid-provider.ts";
import type { Proper } from "../../../src/dev/proper.ts";
import { close, listen, originOf } from "../../../src/dev/server.ts";
import { guard } from "./account.ts";

export interface HomeserverOptions extends Pick<OpenIdProviderOptions, "ttl" | "person" | "now"> {
  /** Of the homeserver; 0 = any. */
  readonly port?: number;
  /** Of the authorization server; 0 = any. */
  readonly issuerPort?: number;
  /** What follows the origin in the issuer: nothing, `/`, or `/some/path`. */
  readonly issuerPath?: string;
  /** What follows the colon in user ids; the homeserver's host and port unless given. */
  readonly serverName?: string;
  /** Where the authorization server can be found; everywhere unless given. */
  readonly rungs?: readonly Rung[];
  /** Flows of the old login API; unless given there is no such API. */
  readonly loginFlows?: readonly string[];
  /** What a dead access token is told beside `M_UNKNOWN_TOKEN`; Synapse with MAS says false. */
  readonly softLogout?: boolean;
}

export interface Homeserver {
  readonly baseUrl: string;
  readonly serverName: string;
  readonly issuer: string;
  /** `METHOD /path` of every request to the homeserver, oldest first. */
  readonly requests: readonly string[];
  /** The authorization server, whose events tell what becomes of tokens. */
  readonly provider: Provider;
  /** The authorization server goes down; the homeserver stays. */
  stopIssuer(): Promise<void>;
  close(): Promise<void>;
}

/** Answers to one path. */
type Route = (request: IncomingMessage, url: URL) => Proper | Promise<Proper>;
type Routes = Readonly<Record<string, Route>>;

/** Seconds that a client may ask `sync` to wait. */
const LONGEST_SYNC = 30;

const INTROSPECTOR = {
  client_id: "homeserver",
  client_secret: "introspection-secret-that-protects-nothing",
  redirect_uris: [],
  response_types: [],
  grant_types: [],
  token_endpoint_auth_method: "client_secret_basic",
} as const satisfies ClientMetadata;

export async function startHomeserver(options: HomeserverOptions = {}): Promise<Homeserver> {
  const requests: string[] = [];
  let routes: Routes = {};
  const server = createServer((request, response) => void answer(routes, requests, request, response));
  await listen(server, options.port ?? 0);
  const baseUrl = originOf(server);
  const { serverName = new URL(baseUrl).host, issuerPath: path = "", issuerPort: port = 0, ...rest } = options;
  const discovery = {
    account_management_uri: `${baseUrl}/account?of=${encodeURIComponent(serverName)}`,
    account_management_actions_supported: ACCOUNT_ACTIONS,
  };
  const issuing = await startOpenIdProvider({ ...rest, port, path, clients: [INTROSPECTOR], discovery });
  const { issuer, provider } = issuing;
  const place = { baseUrl, serverName, issuer };
  routes = await routesOf(options, place);
  const stop = async () => void (await Promise.all([close(server), issuing.close()]));
  return { ...place, requests, provider, stopIssuer: issuing.close, close: stop };
}

async function routesOf(
  { rungs, loginFlows, softLogout = true }: HomeserverOptions,
  place: { readonly baseUrl: string; readonly serverName: string; readonly issuer: string },
): Promise<Routes> {
  // Loaded once, as Synapse does: a later change of the provider's own document is not seen here.
  const found = await fetch(`${place.issuer.replace(/\/$/, "")}/.well-known/openid-configuration`);
  const metadata = (await found.json()) as Record<string, unknown>;
  const authorized = guard({ ...place, softLogout, introspector: INTROSPECTOR, metadata });
  const fixed = (body: Proper["body"]) => () => ({ status: 200, body });
  return {
    ...discoveryAnswers(place, metadata, rungs),
    "/account": (_request, { searchParams }) => ({ status: 200, body: Object.fromEntries(searchParams) }),
    "/_matrix/client/versions": fixed({ versions: ["v1.11", "v1.12"] }),
    ...(loginFlows && { "/_matrix/client/v3/login": fixed({ flows: loginFlows.map((type) => ({ type })) }) }),
    "/_matrix/client/v3/account/whoami": authorized((account) => ({ status: 200, body: { ...account } })),
    "/_matrix/client/v3/sync": authorized(async (_account, { searchParams }) => {
      const seconds = Math.min(Number(searchParams.get("timeout") ?? 0) / 1000, LONGEST_SYNC);
      // Nothing ever happens here.
      if (searchParams.has("since")) await setTimeout(seconds * 1000, undefined, { ref: false });
      return { status: 200, body: { next_batch: "s1", rooms: {} } };
    }),
  };
}

async function answer(routes: Routes, requests: string[], request: IncomingMessage, response: ServerResponse) {
  const url = new URL(request.url ?? "/", "http://homeserver.invalid");
  requests.push(`${request.method} ${url.pathname}`);
  const route = routes[url.pathname] ?? (() => matrixError(404, "M_UNRECOGNIZED", "Unrecognized request"));
  const { status, body } = request.method === "OPTIONS" ? { status: 200, body: {} } : await route(request, url);
  response.writeHead(status, { "content-type": "application/json", ...CORS }).end(JSON.stringify(body));
}
