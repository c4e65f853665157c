import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { exportJWK, generateKeyPair } from "jose";
import { startDemoServer } from "../../src/dev/demo-server.ts";
import { parseNetworks } from "../../src/outbound/address-policy.ts";
import { createGuardedFetch } from "../../src/outbound/guarded-fetch.ts";
import {
  authorizationCodeRequest,
  authorizationUrl,
  type Call,
  type Client,
  checkCallback,
  clientCredentialsRequest,
  codeChallenge,
  deviceAuthorizationRequest,
  deviceTokenRequest,
  discoverAuthorizationServer,
  exchange,
  generateNonce,
  generateState,
  generateVerifier,
  processDeviceAuthorizationResponse,
  processRegistrationResponse,
  processRevocationResponse,
  processTokenResponse,
  refreshTokenRequest,
  registrationRequest,
  revocationRequest,
  TransportError,
  verifyIdToken,
} from "../../src/protocol/index.ts";

const REDIRECT_URI = "http://127.0.0.1:8200/v1/oauth2/callback";

/** A certified OpenID provider, and the way to it through the guarded fetch. */
async function start(t: TestContext) {
  const server = await startDemoServer({ person: "alice" });
  t.after(() => server.close());
  const fetch = createGuardedFetch({ policy: parseNetworks("loopback"), userAgent: "Coatcheck/test" });
  const call: Call = { fetch, signal: AbortSignal.timeout(30_000), allowHttp: true };
  const { metadata: as } = await discoverAuthorizationServer(server.issuer, call, { order: "openid" });
  const client: Client = { clientId: server.publicClientId, authentication: { method: "none" } };
  return { server, call, as, client };
}

/** The complete answer; a request that has none fails the test. */
async function answered(request: Promise<Response>) {
  const answer = await exchange(request);
  if (answer instanceof TransportError) throw answer;
  return answer;
}

async function tokensOf(request: Promise<Response>) {
  const outcome = processTokenResponse(await answered(request));
  assert.ok(outcome.kind === "tokens", JSON.stringify(outcome));
  assert.deepEqual(outcome.oddities, []);
  return outcome.tokens;
}

/** A browser that keeps cookies and follows redirects until it is sent to the redirect URI. */
async function browse(url: string): Promise<URLSearchParams> {
  const cookies = new Map<string, string>();
  for (let hop = 0; hop < 15; hop++) {
    if (url.startsWith(REDIRECT_URI)) return new URL(url).searchParams;
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(url, { redirect: "manual", headers: { cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [name = "", value = ""] = (line.split(";")[0] ?? "").split("=");
      cookies.set(name, value);
    }
    url = new URL(response.headers.get("location") ?? assert.fail(await response.text()), url).href;
  }
  return assert.fail("too many redirects");
}

async function signIn({ as, call, client }: Awaited<ReturnType<typeof start>>, nonce: string) {
  const [state, codeVerifier] = [generateState(), generateVerifier()];
  const url = authorizationUrl({
    endpoint: as.authorization_endpoint ?? "",
    clientId: client.clientId,
    redirectUri: REDIRECT_URI,
    scope: "openid offline_access",
    state,
    codeChallenge: await codeChallenge(codeVerifier),
    nonce,
    parameters: { prompt: "consent" },
    overriding: {},
  });
  const checked = checkCallback(as, await browse(url), { state });
  assert.ok(checked.kind === "code");
  return tokensOf(
    authorizationCodeRequest(as, client, { code: checked.code, redirectUri: REDIRECT_URI, codeVerifier }, call),
  );
}

test("META-05 ISS-02 PKCE-05 OA-15 BCP-16 a sign-in at a real provider, with its id_token", async (t) => {
  const world = await start(t);
  assert.equal(world.as.authorization_response_iss_parameter_supported, true);
  const nonce = generateNonce();
  const tokens = await signIn(world, nonce);
  const verdict = await verifyIdToken(
    {
      as: world.as,
      clientId: world.client.clientId,
      idToken: tokens.idToken ?? "",
      accessToken: tokens.accessToken,
      nonce,
      nowSeconds: Math.floor(Date.now() / 1000),
    },
    world.call,
  );
  assert.equal(verdict.kind === "valid" && verdict.claims.sub, "alice");
});

test("OA-10 CL-04 REV-02 rotation, revocation, and what a dead token is told", async (t) => {
  const world = await start(t);
  const { as, client, call } = world;
  const first = await signIn(world, generateNonce());
  const second = await tokensOf(refreshTokenRequest(as, client, first.refreshToken ?? "", call));
  assert.notEqual(second.refreshToken, first.refreshToken);
  const token = second.refreshToken ?? "";
  const revoked = await answered(revocationRequest(as, client, { token, hint: "refresh_token" }, call));
  assert.deepEqual(processRevocationResponse(revoked), { kind: "revoked" });
  const outcome = processTokenResponse(await answered(refreshTokenRequest(as, client, token, call)));
  assert.equal(outcome.kind === "refused" && outcome.error.code, "invalid_grant");
});

test("DEV-02 DEV-10 DEV-12 a device code and its first poll", async (t) => {
  const { as, client, call } = await start(t);
  const started = await answered(deviceAuthorizationRequest(as, client, { scopes: "openid" }, call));
  const outcome = processDeviceAuthorizationResponse(started);
  assert.ok(outcome.kind === "device");
  assert.equal(outcome.device.interval, 5);
  const poll = processTokenResponse(await answered(deviceTokenRequest(as, client, outcome.device.deviceCode, call)));
  assert.equal(poll.kind === "refused" && poll.error.code, "authorization_pending");
});

test("CL-05 a wrong secret", async (t) => {
  const { server, as, call } = await start(t);
  const client: Client = {
    clientId: server.clientId,
    authentication: { method: "client_secret_post", secret: "wrong" },
  };
  const outcome = processTokenResponse(await answered(clientCredentialsRequest(as, client, {}, call)));
  assert.equal(outcome.kind === "refused" && outcome.error.code, "invalid_client");
});

for (const method of ["client_secret_basic", "client_secret_post"] as const) {
  test(`REG-01 OA-02 OA-03 a client registers itself and authenticates by ${method}`, async (t) => {
    const { as, call } = await start(t);
    const metadata = {
      redirect_uris: [],
      response_types: [],
      grant_types: ["client_credentials"],
      token_endpoint_auth_method: method,
    };
    const outcome = processRegistrationResponse(await answered(registrationRequest(as, metadata, {}, call)));
    assert.ok(outcome.kind === "registered", JSON.stringify(outcome));
    const authentication = { method, secret: outcome.clientSecret ?? "" };
    await tokensOf(clientCredentialsRequest(as, { clientId: outcome.clientId, authentication }, { scope: "a" }, call));
  });
}

test("REG-01 BCP-09 a client registers its key and authenticates by private_key_jwt", async (t) => {
  const { as, call } = await start(t);
  const { privateKey, publicKey } = await generateKeyPair("RS256", { extractable: true });
  const metadata = {
    redirect_uris: [],
    response_types: [],
    grant_types: ["client_credentials"],
    token_endpoint_auth_method: "private_key_jwt",
    jwks: { keys: [{ ...(await exportJWK(publicKey)), kid: "k" }] },
  };
  const outcome = processRegistrationResponse(await answered(registrationRequest(as, metadata, {}, call)));
  assert.ok(outcome.kind === "registered", JSON.stringify(outcome));
  const key = JSON.stringify({ ...(await exportJWK(privateKey)), kid: "k" });
  const client: Client = { clientId: outcome.clientId, authentication: { method: "private_key_jwt", key } };
  await tokensOf(clientCredentialsRequest(as, client, {}, call));
});
