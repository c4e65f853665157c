/**
 * An authorization server that does what it is told, faults included. Owns a small model of tokens, so that a lost or
 * doubled one shows; the frame around it is faulty-server.ts.
 */

import type { Proper } from "../../src/dev/proper.ts";
import { startFaultyServer } from "./faulty-server.ts";
import { idTokensOf } from "./id-tokens.ts";
import type { Misbehaving, RecordedRequest } from "./misbehaving.ts";
import { TokenModel } from "./token-model.ts";

type ProperAnswer = (server: Misbehaving, request: RecordedRequest) => Proper;

export async function startMisbehavingServer(now: () => number = () => performance.now()): Promise<Misbehaving> {
  const frame = await startFaultyServer(now, (request) => (PROPER[request.path] ?? notFound)(server, request));
  const issuer = frame.origin;
  const idTokens = idTokensOf(issuer);
  const server: Misbehaving = { ...frame, issuer, tokens: new TokenModel(now), idTokens, metadata: {} };
  return server;
}

const PROPER: Readonly<Record<string, ProperAnswer>> = {
  "/.well-known/openid-configuration": metadata,
  "/.well-known/oauth-authorization-server": metadata,
  "/jwks": ({ idTokens }) => ({ status: 200, body: idTokens.jwks }),
  "/device": ({ tokens, issuer }) => ({ status: 200, body: tokens.startDevice(issuer) }),
  "/token": ({ tokens }, { form }) => tokens.token(form),
  "/refresh": ({ tokens }, { form }) => tokens.token(form),
  "/revoke": ({ tokens }, { form }) => tokens.revoke(form),
  "/register": (_server, { body }) => ({
    status: 201,
    body: registered(JSON.parse(body)),
  }),
  "/userinfo": () => ({ status: 200, body: { sub: "alice", name: "Alice" } }),
};

function registered(asked: Record<string, unknown>): Record<string, unknown> {
  const isPublic = (asked.token_endpoint_auth_method ?? "none") === "none";
  return {
    ...asked,
    client_id: "registered-client",
    ...(!isPublic && { client_secret: "secret-of-the-registration" }),
  };
}

function notFound(): Proper {
  return { status: 404, body: { error: "not_found" } };
}

function metadata({ issuer, metadata: changed }: Misbehaving): Proper {
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
    ...changed,
  };
  return { status: 200, body };
}
