/**
 * The certified provider as every dev server uses it: device flow, registration, rotation (a replayed refresh token revokes
 * its family), revocation, introspection. Owns its configuration and its port; whose clients it knows is the caller's.
 */
import { generateKeyPair, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import { promisify } from "node:util";
import type Provider from "oidc-provider";
import type { ClientMetadata, Configuration, KoaContextWithOIDC } from "oidc-provider";
import { helloApi } from "./hello.ts";
import { interactions } from "./interactions.ts";
import { memoryAdapter } from "./memory-adapter.ts";
import { codePage, confirmPage, donePage, PAGE_HEADERS, refusedPage } from "./pages.ts";
import { close, listen, originOf } from "./server.ts";

export interface OpenIdProviderOptions {
  /** 0 = any. */
  readonly port?: number;
  /** What follows the origin in the issuer: nothing, `/`, or `/some/path`. */
  readonly path?: string;
  readonly clients: readonly ClientMetadata[];
  /** Members added to the metadata document. */
  readonly discovery?: Configuration["discovery"];
  /** Seconds, by kind of token; asked at each issue where it is a function. */
  readonly ttl?: Readonly<Record<string, number | (() => number)>>;
  /** Somebody who is signed in and consents to everything: no pages in between. */
  readonly person?: string;
  /** Whether it has the device grant, as it does unless told otherwise. */
  readonly device?: boolean;
  /** When tokens end, epoch milliseconds. */
  readonly now?: () => number;
}

export interface OpenIdProvider {
  readonly issuer: string;
  readonly provider: Provider;
  close(): Promise<void>;
}

const RESOURCE = "urn:coatcheck:demo-api";

/** Access tokens live a minute, so that a person can watch a refresh. Seconds. */
const TTL = {
  AccessToken: 60,
  ClientCredentials: 60,
  IdToken: 300,
  AuthorizationCode: 60,
  DeviceCode: 600,
  RefreshToken: 86_400,
  Grant: 86_400,
  Session: 86_400,
  Interaction: 600,
};

export async function startOpenIdProvider(options: OpenIdProviderOptions): Promise<OpenIdProvider> {
  const { default: OidcProvider } = await import("oidc-provider").catch(() => {
    throw new Error("the demo server needs the package oidc-provider: run npm ci in a clone of the repository");
  });
  let listener: RequestListener = (_request, response) => response.writeHead(503).end();
  const server = createServer((request, response) => listener(request, response));
  await listen(server, options.port ?? 0);
  const { path = "" } = options;
  const mountPath = path.replace(/\/$/, "");
  const issuer = `${originOf(server)}${path}`;
  const provider = new OidcProvider(issuer, await configuration(options, mountPath));
  const pages = provider.callback();
  const interact = interactions(provider, RESOURCE, options.person);
  const hello = helloApi(async (token) => {
    const found = await provider.AccessToken.find(token);
    return found && { person: found.accountId, scopes: found.scope ?? "", expiresIn: found.remainingTTL };
  });
  listener = (request, response) => {
    if (request.url?.startsWith(`${mountPath}/interaction/`)) void interact(request, response);
    else if (request.url?.startsWith(`${mountPath}/api/`)) void hello(request, response);
    else void pages(mounted(request, mountPath), response);
  };
  return { issuer, provider, close: () => close(server) };
}

/** The provider finds the path that it is mounted at as Express would tell it. */
function mounted(request: IncomingMessage & { originalUrl?: string }, mountPath: string): IncomingMessage {
  const { url = "/" } = request;
  if (mountPath === "" || !url.startsWith(`${mountPath}/`)) return request;
  request.originalUrl = url;
  request.url = url.slice(mountPath.length);
  return request;
}

/** Of all servers in this process: it takes 40 ms to make. */
let signingKey: Promise<object> | undefined;

async function makeSigningKey(): Promise<object> {
  const { privateKey } = await promisify(generateKeyPair)("rsa", { modulusLength: 2048 });
  return { ...privateKey.export({ format: "jwk" }), use: "sig", alg: "RS256", kid: "demo" };
}

async function configuration(options: OpenIdProviderOptions, mountPath: string): Promise<Configuration> {
  signingKey ??= makeSigningKey();
  return {
    adapter: memoryAdapter(options.now ?? (() => performance.timeOrigin + performance.now())) as never,
    clients: [...options.clients],
    jwks: { keys: [(await signingKey) as never] },
    cookies: { keys: [randomBytes(16).toString("hex")] },
    clientAuthMethods: ["none", "client_secret_basic", "client_secret_post", "private_key_jwt"],
    clientBasedCORS: () => true,
    claims: { profile: ["name"] },
    discovery: options.discovery,
    findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id, name: id }) }),
    features: features(options.device ?? true),
    interactions: { url: (_ctx, interaction) => `${mountPath}/interaction/${interaction.uid}` },
    rotateRefreshToken: true,
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed("refresh_token"),
    renderError: (ctx, out) => {
      send(ctx, refusedPage(String(out.error_description ?? out.error)));
    },
    ttl: { ...TTL, ...options.ttl },
  };
}

function send(ctx: Pick<KoaContextWithOIDC, "set" | "body">, page: string): void {
  ctx.set({ ...PAGE_HEADERS });
  ctx.body = page;
}

function features(device: boolean): NonNullable<Configuration["features"]> {
  const known = new Set<string>();
  return {
    devInteractions: { enabled: false },
    deviceFlow: {
      enabled: device,
      userCodeInputSource: async (ctx, form, _out, error) => {
        const denied = error?.name === "AbortedError";
        const problem =
          error && "This code is unknown or has expired. Enter it again, or get a new one from the program.";
        send(ctx, denied ? refusedPage("You denied the request.") : codePage(form, problem));
      },
      userCodeConfirmSource: async (ctx, form, client, _device, userCode) => {
        send(ctx, confirmPage(form, client.clientName ?? client.clientId, userCode));
      },
      successSource: async (ctx) => {
        send(ctx, donePage());
      },
    },
    registration: { enabled: true },
    registrationManagement: { enabled: true },
    revocation: { enabled: true, allowedPolicy: async (_ctx, client, token) => token.clientId === client.clientId },
    introspection: { enabled: true, allowedPolicy: async () => true },
    clientCredentials: { enabled: true },
    // Scopes nobody declared are granted as asked: that is what a demo of any API needs.
    resourceIndicators: {
      enabled: true,
      defaultResource: () => RESOURCE,
      useGrantedResource: async () => true,
      getResourceServerInfo: (ctx) => {
        for (const scope of String(ctx.oidc.params?.scope ?? "").split(" ")) known.add(scope);
        return { scope: [...known].join(" "), accessTokenFormat: "opaque" };
      },
    },
  };
}
