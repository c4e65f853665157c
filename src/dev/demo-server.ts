/**
 * A real OpenID provider to try the broker with, and to test it against: device flow, registration, rotation (a replayed
 * refresh token revokes its family), revocation. Owns the demo's pages and people; the protocol is oidc-provider's.
 */
import { generateKeyPair, randomBytes } from "node:crypto";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import type Provider from "oidc-provider";
import type { Configuration } from "oidc-provider";
import { interactions } from "./interactions.ts";
import { memoryAdapter } from "./memory-adapter.ts";
import { codePage, confirmPage, donePage, refusedPage } from "./pages.ts";

export interface DemoServerOptions {
  /** 0 = any. */
  readonly port?: number;
  readonly redirectUris?: readonly string[];
  /** Seconds, by kind of token; asked at each issue where it is a function. */
  readonly ttl?: Readonly<Record<string, number | (() => number)>>;
  /** Somebody who is signed in and consents to everything: no pages in between. */
  readonly person?: string;
  readonly now?: () => number;
}

export interface DemoServer {
  readonly issuer: string;
  /** A public client for the device and the code flow. */
  readonly publicClientId: string;
  /** A confidential one, with its secret. */
  readonly clientId: string;
  readonly clientSecret: string;
  readonly provider: Provider;
  close(): Promise<void>;
}

const PUBLIC_CLIENT = "coatcheck-demo";
const CLIENT = "coatcheck-demo-confidential";
const CLIENT_SECRET = "demo-secret-that-protects-nothing";

const RESOURCE = "urn:coatcheck:demo-api";
const DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code";

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

export async function startDemoServer(options: DemoServerOptions = {}): Promise<DemoServer> {
  const { default: OidcProvider } = await import("oidc-provider").catch(() => {
    throw new Error("the demo server needs the package oidc-provider: run npm ci in a clone of the repository");
  });
  let listener: RequestListener = (_request, response) => response.writeHead(503).end();
  const server = createServer((request, response) => listener(request, response));
  await listen(server, options.port ?? 0);
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new OidcProvider(issuer, await configuration(options));
  const pages = provider.callback();
  const interact = interactions(provider, RESOURCE, options.person);
  listener = (request, response) => {
    if (request.url?.startsWith("/interaction/")) void interact(request, response);
    else void pages(request, response);
  };
  return {
    issuer,
    publicClientId: PUBLIC_CLIENT,
    clientId: CLIENT,
    clientSecret: CLIENT_SECRET,
    provider,
    close: () => close(server),
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((done, fail) => {
    server.once("error", fail);
    server.listen(port, "127.0.0.1", () => done());
  });
}

function close(server: Server): Promise<void> {
  return new Promise((done) => {
    server.close(() => done());
    server.closeAllConnections();
  });
}

async function configuration(options: DemoServerOptions): Promise<Configuration> {
  const { privateKey } = await promisify(generateKeyPair)("rsa", { modulusLength: 2048 });
  const jwk = { ...privateKey.export({ format: "jwk" }), use: "sig", alg: "RS256", kid: "demo" };
  return {
    adapter: memoryAdapter(options.now ?? (() => performance.timeOrigin + performance.now())) as never,
    clients: clients(options.redirectUris ?? ["http://127.0.0.1:8200/v1/oauth2/callback"]),
    jwks: { keys: [jwk as never] },
    cookies: { keys: [randomBytes(16).toString("hex")] },
    clientAuthMethods: ["none", "client_secret_basic", "client_secret_post", "private_key_jwt"],
    claims: { profile: ["name"] },
    findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id, name: id }) }),
    features: features(),
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    rotateRefreshToken: true,
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed("refresh_token"),
    renderError: (ctx, out) => {
      ctx.type = "html";
      ctx.body = refusedPage(String(out.error_description ?? out.error));
    },
    ttl: { ...TTL, ...options.ttl },
  };
}

function clients(redirectUris: readonly string[]) {
  const common = {
    redirect_uris: [...redirectUris],
    response_types: ["code" as const],
    grant_types: ["authorization_code", "refresh_token", DEVICE_CODE],
    application_type: "native" as const,
  };
  return [
    {
      ...common,
      client_id: PUBLIC_CLIENT,
      client_name: "Coatcheck (demo)",
      token_endpoint_auth_method: "none" as const,
    },
    {
      ...common,
      grant_types: [...common.grant_types, "client_credentials"],
      client_id: CLIENT,
      client_secret: CLIENT_SECRET,
      client_name: "Coatcheck (demo, confidential)",
      token_endpoint_auth_method: "client_secret_post" as const,
    },
  ];
}

function features(): NonNullable<Configuration["features"]> {
  const known = new Set<string>();
  return {
    devInteractions: { enabled: false },
    deviceFlow: {
      enabled: true,
      userCodeInputSource: async (ctx, form, _out, error) => {
        const denied = error?.name === "AbortedError";
        const problem =
          error && "This code is not known, or it has run out. Type it again, or ask the program for a new one.";
        ctx.body = denied ? refusedPage("You denied the request.") : codePage(form, problem);
      },
      userCodeConfirmSource: async (ctx, form, client, _device, userCode) => {
        ctx.body = confirmPage(form, client.clientName ?? client.clientId, userCode);
      },
      successSource: async (ctx) => {
        ctx.body = donePage();
      },
    },
    registration: { enabled: true },
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
