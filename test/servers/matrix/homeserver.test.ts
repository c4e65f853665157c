import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { approve, authorize, deny, homeserverFor } from "../../support/matrix/homeserver.ts";
import type { Homeserver, HomeserverOptions } from "./homeserver.ts";

type Members = Readonly<Record<string, unknown>>;

interface Answer {
  readonly status: number;
  readonly body: Members;
}

const DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code";
const SCOPE = "urn:matrix:client:api:* urn:matrix:client:device:ABCDEFGHIJKL";
const UNSTABLE = "/_matrix/client/unstable/org.matrix.msc2965";
const REDIRECT_URI = "http://127.0.0.1:8123/callback";

/** matrix.md section 5. */
const REGISTRATION = {
  client_name: "Coatcheck",
  client_uri: "https://coatcheck.example.com/",
  application_type: "native",
  redirect_uris: ["http://127.0.0.1/callback", "http://[::1]/callback"],
  response_types: ["code"],
  grant_types: ["authorization_code", "refresh_token", DEVICE_CODE],
  token_endpoint_auth_method: "none",
};

async function ask(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, init);
  const text = await response.text();
  return { status: response.status, body: text === "" ? {} : JSON.parse(text) };
}

const post = (url: unknown, form: Readonly<Record<string, string>>) =>
  ask(String(url), { method: "POST", body: new URLSearchParams(form) });

const whoami = ({ baseUrl }: Homeserver, token: unknown) =>
  ask(`${baseUrl}/_matrix/client/v3/account/whoami`, { headers: { authorization: `Bearer ${token}` } });

/** A homeserver, its metadata, and a client that has registered there. */
async function registered(t: TestContext, options: HomeserverOptions = {}) {
  const server = await homeserverFor(t, options);
  const { body: metadata } = await ask(`${server.baseUrl}/_matrix/client/v1/auth_metadata`);
  const { status, body: client } = await ask(String(metadata.registration_endpoint), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(REGISTRATION),
  });
  assert.equal(status, 201, JSON.stringify(client));
  return { server, metadata, client, client_id: String(client.client_id) };
}

async function deviceLogin(t: TestContext, options: HomeserverOptions = {}) {
  const login = await registered(t, options);
  const { client_id, metadata } = login;
  const { body: device } = await post(metadata.device_authorization_endpoint, { client_id, scope: SCOPE });
  const poll = () =>
    post(metadata.token_endpoint, { grant_type: DEVICE_CODE, device_code: String(device.device_code), client_id });
  const refresh = (token: unknown) =>
    post(metadata.token_endpoint, { grant_type: "refresh_token", refresh_token: String(token), client_id });
  return { ...login, uri: String(device.verification_uri_complete), device, poll, refresh };
}

test("a whole login: register, device code, approval, token, whoami, sync, refresh, revocation", async (t) => {
  const { server, client, client_id, metadata, uri, poll, refresh } = await deviceLogin(t);
  assert.deepEqual(client.grant_types, REGISTRATION.grant_types);
  const pending = await poll();
  assert.deepEqual([pending.status, pending.body.error], [400, "authorization_pending"]);
  await approve(uri, "alice");
  const { body: first } = await poll();
  assert.equal(first.scope, SCOPE);
  assert.deepEqual(await whoami(server, first.access_token), {
    status: 200,
    body: { user_id: `@alice:${server.serverName}`, device_id: "ABCDEFGHIJKL", is_guest: false },
  });
  const headers = { authorization: `Bearer ${first.access_token}` };
  const sync = await ask(`${server.baseUrl}/_matrix/client/v3/sync?since=s1&timeout=5`, { headers });
  assert.deepEqual(sync, { status: 200, body: { next_batch: "s1", rooms: {} } });
  const { body: second } = await refresh(first.refresh_token);
  assert.notEqual(second.refresh_token, first.refresh_token);
  assert.equal((await whoami(server, second.access_token)).status, 200);
  const token = String(second.refresh_token);
  const revoked = await post(metadata.revocation_endpoint, { token, token_type_hint: "refresh_token", client_id });
  assert.equal(revoked.status, 200);
  assert.deepEqual(await whoami(server, second.access_token), {
    status: 401,
    body: { errcode: "M_UNKNOWN_TOKEN", error: "Token is not active", soft_logout: true },
  });
});

test("rotation is strict: a replayed refresh token ends the login, and the newest tokens with it", async (t) => {
  const { server, uri, poll, refresh } = await deviceLogin(t, { softLogout: false });
  await approve(uri);
  const { body: first } = await poll();
  const { body: second } = await refresh(first.refresh_token);
  assert.equal((await refresh(first.refresh_token)).body.error, "invalid_grant");
  assert.equal((await refresh(second.refresh_token)).body.error, "invalid_grant");
  const dead = await whoami(server, second.access_token);
  assert.deepEqual([dead.status, dead.body.soft_logout], [401, false]);
});

test("a person denies", async (t) => {
  const { uri, poll } = await deviceLogin(t);
  await deny(uri);
  assert.equal((await poll()).body.error, "access_denied");
});

test("tokens end by the clock that the server is given", async (t) => {
  let now = Date.now();
  const { server, uri, poll } = await deviceLogin(t, { now: () => now, ttl: { AccessToken: 300 } });
  await approve(uri);
  const { body } = await poll();
  assert.equal(body.expires_in, 300);
  now += 299_000;
  assert.equal((await whoami(server, body.access_token)).status, 200);
  now += 2_000;
  assert.equal((await whoami(server, body.access_token)).body.errcode, "M_UNKNOWN_TOKEN");
});

test("the code flow with a loopback port that the registration does not name", async (t) => {
  const { server, metadata, client_id } = await registered(t, { issuerPath: "/auth/", person: "bob" });
  const verifier = "v".repeat(43);
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  const url = new URL(String(metadata.authorization_endpoint));
  const parameters = {
    response_type: "code",
    response_mode: "query",
    client_id,
    redirect_uri: REDIRECT_URI,
    scope: SCOPE,
    state: "s",
    code_challenge: Buffer.from(digest).toString("base64url"),
    code_challenge_method: "S256",
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  const { searchParams } = new URL(await authorize(url.href, REDIRECT_URI));
  assert.equal(searchParams.get("state"), "s");
  const { body } = await post(metadata.token_endpoint, {
    grant_type: "authorization_code",
    code: searchParams.get("code") ?? "",
    redirect_uri: REDIRECT_URI,
    client_id,
    code_verifier: verifier,
  });
  assert.equal((await whoami(server, body.access_token)).body.user_id, `@bob:${server.serverName}`);
});

test("each rung can be left out, and a path that is none is unrecognized", async (t) => {
  const all = await homeserverFor(t, { issuerPath: "/", loginFlows: ["m.login.password"] });
  const { issuer, baseUrl } = all;
  assert.ok(issuer.endsWith("/"));
  for (const path of ["/_matrix/client/v1/auth_metadata", `${UNSTABLE}/auth_metadata`]) {
    assert.equal((await ask(baseUrl + path)).body.issuer, issuer);
  }
  assert.deepEqual(await ask(`${baseUrl}${UNSTABLE}/auth_issuer`), { status: 200, body: { issuer } });
  const own = await ask(`${issuer}.well-known/openid-configuration`);
  assert.deepEqual(own.body, (await ask(`${baseUrl}/_matrix/client/v1/auth_metadata`)).body);
  const known = (await ask(`${baseUrl}/.well-known/matrix/client`)).body;
  assert.deepEqual(known["m.homeserver"], { base_url: baseUrl });
  assert.equal((known["org.matrix.msc2965.authentication"] as Members).issuer, issuer);
  assert.deepEqual((await ask(`${baseUrl}/_matrix/client/v3/login`)).body.flows, [{ type: "m.login.password" }]);
  const none = await homeserverFor(t, { rungs: [] });
  for (const path of ["/_matrix/client/v1/auth_metadata", `${UNSTABLE}/auth_metadata`, `${UNSTABLE}/auth_issuer`]) {
    const { status, body } = await ask(none.baseUrl + path);
    assert.deepEqual([status, body.errcode], [404, "M_UNRECOGNIZED"]);
  }
  assert.deepEqual(Object.keys((await ask(`${none.baseUrl}/.well-known/matrix/client`)).body), ["m.homeserver"]);
  assert.equal((await ask(`${none.baseUrl}/_matrix/client/v3/login`)).body.errcode, "M_UNRECOGNIZED");
});

test("without a token, and with one that has no scope for the API, nothing is answered; pages may call", async (t) => {
  const { server, metadata, client_id } = await registered(t);
  const path = `${server.baseUrl}/_matrix/client/v3/account/whoami`;
  assert.equal((await ask(path)).body.errcode, "M_MISSING_TOKEN");
  const { body: device } = await post(metadata.device_authorization_endpoint, { client_id, scope: "urn:other" });
  await approve(String(device.verification_uri_complete));
  const device_code = String(device.device_code);
  const { body } = await post(metadata.token_endpoint, { grant_type: DEVICE_CODE, device_code, client_id });
  assert.equal((await whoami(server, body.access_token)).body.errcode, "M_UNKNOWN_TOKEN");
  const preflight = await fetch(path, { method: "OPTIONS" });
  assert.equal(preflight.headers.get("access-control-allow-origin"), "*");
});

test("ports and names can be chosen: a homeserver comes back where it was", async (t) => {
  const first = await homeserverFor(t, { serverName: "example.org" });
  await first.close();
  const ports = { port: Number(new URL(first.baseUrl).port), issuerPort: Number(new URL(first.issuer).port) };
  const { server, uri, poll } = await deviceLogin(t, { ...ports, serverName: "example.org" });
  assert.deepEqual([server.baseUrl, server.issuer], [first.baseUrl, first.issuer]);
  await approve(uri);
  assert.equal((await whoami(server, (await poll()).body.access_token)).body.user_id, "@alice:example.org");
});

test("while the authorization server is down, nobody is logged out", async (t) => {
  const { server, uri, poll } = await deviceLogin(t);
  await approve(uri);
  const { body } = await poll();
  await server.stopIssuer();
  const answer = await whoami(server, body.access_token);
  assert.deepEqual([answer.status, answer.body.errcode], [503, "M_UNKNOWN"]);
});
