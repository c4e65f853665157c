import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { startOpenIdProvider } from "../../../src/dev/openid-provider.ts";
import { startCoatcheck } from "../../support/coatcheck.ts";
import { approve } from "../../support/matrix/homeserver.ts";
import { ROOT_TOKEN } from "../../support/request.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { decide, signIn } from "./people.ts";
import { call, child, policy, send } from "./stage.ts";

/** As htgettoken is set up: a provider is one name for its logins and for its server, and a person's name is in the path. */
const RULES = `
path "secret/oauth/creds/+/{{identity.entity.aliases.ACCESSOR.name}}:*" { capabilities = ["read", "update", "delete"] }
path "secret/oauth/sts/+/{{identity.entity.aliases.ACCESSOR.name}}:*" { capabilities = ["read"] }
path "auth/token/create" { capabilities = ["update"] }`;

/** htgettoken 2.6 asks the broker with its issuer's name in all that has one. */
const ISSUER = "demo";
const CREDS = `secret/oauth/creds/${ISSUER}/alice:default`;

async function stage(t: TestContext, role: object = {}, grants = ["refresh_token"]) {
  const broker = await startCoatcheck(t, { mounts: ["oauth2", "secret/oauth"] });
  const direct = `${broker.running.address}/v1/auth/oidc-${ISSUER}/oidc/callback`;
  const device = "urn:ietf:params:oauth:grant-type:device_code";
  const client = {
    ...{ client_secret: "client-secret", redirect_uris: [direct], application_type: "native" as const },
    ...{ grant_types: ["authorization_code", device, ...grants], response_types: ["code" as const] },
  };
  const clients = ["coatcheck", "another"].map((client_id) => ({ ...client, client_id }));
  const provider = await startOpenIdProvider({ clients, person: "alice", now: () => broker.clock.now() });
  t.after(() => provider.close());
  const ask = async (method: string, path: string, body?: unknown) => {
    const told = await call(broker, ROOT_TOKEN, method, path, body);
    assert.deepEqual(told.errors, [], path);
    return told;
  };
  const asClient = { client_id: "coatcheck", client_secret: "client-secret" };
  await ask("POST", `sys/auth/oidc-${ISSUER}`, { type: "oidc" });
  await ask("POST", `auth/oidc-${ISSUER}/config`, {
    oidc_discovery_url: provider.issuer,
    oidc_client_id: asClient.client_id,
    oidc_client_secret: asClient.client_secret,
  });
  const { accessor } = (await ask("GET", `sys/auth/oidc-${ISSUER}`)).data;
  await policy(broker, "user", RULES.replaceAll("ACCESSOR", String(accessor)));
  await ask("POST", `auth/oidc-${ISSUER}/role/default`, {
    ...{ user_claim: "sub", claim_mappings: { sub: "credkey" }, token_policies: "user", token_ttl: "28d" },
    ...{ callback_mode: "direct", allowed_redirect_uris: direct },
    ...{ oidc_scopes: "offline_access", oauth2_metadata: "refresh_token", ...role },
  });
  const server = { provider: "oidc", provider_options: { issuer_url: provider.issuer } };
  await ask("PUT", `secret/oauth/servers/${ISSUER}`, { ...server, ...asClient });
  await ask("PUT", "secret/oauth/servers/another", { ...server, ...asClient, client_id: "another" });
  const htgettoken = (method: string, path: string, body?: object, token?: string) =>
    // As Python writes JSON, without a word on what it is.
    send(`${broker.running.address}/v1/${path}`, method, body && JSON.stringify(body).replaceAll('":', '": '), {
      ...{ "accept-encoding": "identity", "user-agent": "python-urllib3/2.8.0" },
      ...(token !== undefined && { "x-vault-token": token }),
    });
  const begin = async () => {
    const asked = { role: "default", client_nonce: "n", redirect_uri: direct };
    const { data } = await htgettoken("POST", `auth/oidc-${ISSUER}/oidc/auth_url`, asked);
    const poll = () =>
      htgettoken("POST", `auth/oidc-${ISSUER}/oidc/poll`, { state: data.state, client_nonce: asked.client_nonce });
    return { url: String(data.auth_url), poll };
  };
  /** A login, and what htgettoken makes of its answer. */
  const logIn = async () => {
    const { url, poll } = await begin();
    const page = await (await fetch(await signIn(url), { headers: { accept: "text/html" } })).text();
    assert.equal((await decide(broker, page, "allow", `oidc-${ISSUER}`)).status, 200);
    const answer = await poll();
    assert.deepEqual(answer.errors, []);
    return { ...answer, handle: handleIn(answer), token: answer.auth?.client_token ?? "" };
  };
  const store = (refresh_token: string, token: string, more: object = {}) =>
    htgettoken("POST", CREDS, { server: ISSUER, refresh_token, ...more }, token);
  return { broker, ask, htgettoken, begin, logIn, store };
}

function handleIn({ auth }: Awaited<ReturnType<typeof send>>): string {
  const { oauth2_refresh_token: handle = "" } = Object(auth?.metadata);
  return handle;
}

test("8, 10 htgettoken's whole login: a person signs in, and the grant is kept under their name", async (t) => {
  const { broker, ask, htgettoken, logIn, store } = await stage(t);
  const file_path = join(temporaryFolder(t), "audit.log");
  await ask("PUT", "sys/audit/file", { type: "file", options: { file_path } });
  const { auth, token, handle } = await logIn();
  assert.deepEqual(auth?.metadata, { credkey: "alice", role: "default", oauth2_refresh_token: handle });
  // Its lease is longer than the seven days it wants.
  const exchange = { ttl: "604800s", renewable: "false" };
  const made = (await htgettoken("POST", "auth/token/create", exchange, token)).auth;
  assert.equal(made?.lease_duration, 604_800);
  const mine = made?.client_token ?? "";
  assert.deepEqual(await store(handle, mine).then(({ status, errors }) => [status, errors]), [204, []]);
  const read = await htgettoken("GET", `${CREDS}?minimum_seconds=60`, undefined, mine);
  assert.equal(typeof read.data.access_token, "string", read.errors.join());
  await broker.pass(3_600_000);
  const later = await htgettoken("GET", `${CREDS}?minimum_seconds=60`, undefined, mine);
  assert.notEqual(later.data.access_token, read.data.access_token, "it is refreshed like any other");
  // No more is told of it than that once.
  for (const who of [token, mine]) {
    assert.deepEqual(
      (await htgettoken("GET", "auth/token/lookup-self", undefined, who)).data.meta ?? null,
      who === token ? { credkey: "alice", role: "default" } : null,
    );
  }
  const record = readFileSync(file_path, "utf8");
  assert.match(record, /"oauth2_refresh_token":"hmac-sha256:/);
  assert.match(record, /"credkey":"alice"/);
  assert.equal(record.includes(handle) || broker.logged.join().includes(handle), false);
});

test("10 a handle is good once, for 10 minutes, for whoever has logged in, and for the client that they logged in by", async (t) => {
  const { broker, logIn, store } = await stage(t);
  const refused = /log in again/;
  const wrong = async (...given: Parameters<typeof store>) => {
    const { status, errors } = await store(...given);
    assert.equal(status, 400);
    return errors.join();
  };
  const { token, handle } = await logIn();
  assert.match(await wrong(`${handle}x`, token), refused);
  assert.match(await wrong(handle, ROOT_TOKEN), refused, "nobody has logged in for that token");
  assert.match(await wrong(handle, (await child(broker, { policies: ["user", "root"] })).client_token), refused);
  assert.match(await wrong(handle, token, { server: "another" }), /another client/);
  assert.equal((await store(handle, token)).status, 204, "none of them has used it up");
  assert.match(await wrong(handle, token), refused);

  const late = await logIn();
  await broker.pass(600_000);
  assert.match(await wrong(late.handle, late.token), refused);
});

test("10 device mode hands it on as well, and a provider that gives none is said", async (t) => {
  const device = { role_type: "oidc", callback_mode: "device", allowed_redirect_uris: "" };
  for (const grants of [["refresh_token"], []]) {
    const { broker, begin, store } = await stage(t, device, grants);
    const { url, poll } = await begin();
    await approve(url);
    await broker.pass(6_000);
    const answer = await poll();
    assert.ok(answer.auth, answer.errors.join());
    const handle = handleIn(answer);
    if (grants.length > 0) {
      assert.equal((await store(handle, answer.auth.client_token)).status, 204);
      continue;
    }
    assert.equal(handle, "");
    assert.match(answer.warnings.join(), /gave no refresh token to hand on/);
  }
});

test("8 of the provider's tokens a role hands on the refresh token alone, and only for people", async (t) => {
  const { broker, begin, logIn, ask } = await stage(t);
  const promptOf = async () => new URL((await begin()).url).searchParams.get("prompt");
  // OpenID Connect Core 11, `offline_access`.
  assert.equal(await promptOf(), "consent");
  const path = `auth/oidc-${ISSUER}/role`;
  const jwt = { role_type: "jwt", user_claim: "sub", bound_subject: "x", oauth2_metadata: "refresh_token" };
  for (const role of [jwt, { ...jwt, role_type: "oidc", allowed_redirect_uris: "x:", oauth2_metadata: "id_token" }]) {
    const { status, errors } = await call(broker, ROOT_TOKEN, "PUT", `${path}/x`, role);
    assert.deepEqual([status, /oauth2_metadata can only be/.test(errors.join())], [400, true], errors.join());
  }
  assert.deepEqual((await ask("GET", `${path}/default`)).data.oauth2_metadata, ["refresh_token"]);
  await ask("PUT", `${path}/default`, { oauth2_metadata: "" });
  assert.equal(await promptOf(), null);
  assert.deepEqual((await logIn()).auth?.metadata, { credkey: "alice", role: "default" });
});
