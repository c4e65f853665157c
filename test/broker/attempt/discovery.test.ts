import assert from "node:assert/strict";
import { test } from "node:test";
import { json, oauthError, proper, redirect } from "../../servers/faults.ts";
import type { Fault } from "../../servers/misbehaving.ts";
import { type Pair, startDevice, startPair } from "../../support/misbehaving.ts";

const OAUTH = "/.well-known/oauth-authorization-server";
const OPENID = "/.well-known/openid-configuration";

function writeServer(pair: Pair, name: string, options: Record<string, string>, provider = "oidc") {
  const provider_options = { issuer_url: pair.as.issuer, ...options };
  return pair.write(`oauth2/servers/${name}`, { provider, client_id: "client", provider_options });
}

async function login(pair: Pair, server: string, more: Record<string, unknown> = {}) {
  pair.as.tokens.approved = true;
  const polls = pair.as.to("/token").length;
  const started = await startDevice(pair, "me", { server, ...more });
  assert.equal(started.status, 200, JSON.stringify(started.body));
  await pair.passUntil("the flow is polled", () => pair.as.to("/token").length > polls, 10_000);
  await pair.pass(2_000);
  return pair.read("oauth2/creds/me");
}

/** A server that is no OpenID provider, as Spring Authorization Server is without that module. */
const withoutOpenid: Fault = (exchange) =>
  exchange.form.get("scope")?.split(" ").includes("openid")
    ? oauthError("invalid_scope")(exchange)
    : proper()(exchange);

test("FC-28 a revocation endpoint that only the RFC 8414 document names is used", async (t) => {
  const pair = await startPair(t);
  pair.as.reply(OPENID, (exchange) => {
    const {
      revocation_endpoint: _,
      registration_endpoint: __,
      ...rest
    } = exchange.proper().body as object & {
      revocation_endpoint: string;
      registration_endpoint: string;
    };
    return json(200, rest)(exchange);
  });
  assert.equal((await writeServer(pair, "op", { extra_data_fields: "" })).status, 204);
  const written = await pair.write("oauth2/creds/me", { server: "op", refresh_token: pair.as.tokens.grant() });
  assert.equal(written.status, 204, JSON.stringify(written.body));
  const deleted = await pair.delete("oauth2/creds/me");
  assert.equal(deleted.body?.warnings, undefined);
  await pair.passUntil("it is revoked", () => pair.as.to("/revoke").length === 1, 60_000);
});

test("FC-31 endpoints that no metadata name can be given to oidc and oauth2, and a read shows them", async (t) => {
  const pair = await startPair(t);
  pair.as.metadata = { device_authorization_endpoint: null, revocation_endpoint: null };
  assert.equal((await writeServer(pair, "plain", {}, "oauth2")).status, 204);
  const without = await startDevice(pair, "me", { server: "plain" });
  assert.equal(without.status, 400);
  assert.match(String(without.body?.errors), /device code URL not available/);
  const { issuer } = pair.as;
  const given = { device_authorization_endpoint: `${issuer}/device`, revocation_endpoint: `${issuer}/revoke` };
  assert.equal((await writeServer(pair, "given", given, "oauth2")).status, 204);
  assert.equal((await login(pair, "given")).status, 200);
  const read = await pair.read("oauth2/servers/given");
  assert.deepEqual(read.body?.data?.provider_options, { issuer_url: issuer, ...given });
  assert.equal((await writeServer(pair, "op", given)).status, 204);
  const bad = await writeServer(pair, "bad", { registration_endpoint: "nonsense" });
  assert.match(String(bad.body?.errors), /option "registration_endpoint": must be an https URL/);
});

test("FC-39 a server write whose discovery fails names which URL answered what", async (t) => {
  const pair = await startPair(t);
  for (const path of [OAUTH, OPENID]) pair.as.reply(path, redirect(302, "https://sso.example.com/login?x=1"));
  const refused = await writeServer(pair, "op", {});
  assert.equal(refused.status, 400);
  const text = String(refused.body?.errors);
  assert.match(
    text,
    /option "issuer_url": error creating OIDC provider with given issuer URL: no authorization server/,
  );
  assert.ok(text.includes(`GET ${pair.as.issuer}${OPENID}: status 302, a redirect to https://sso.example.com/login,`));
});

test("FC-22 a device endpoint that refuses openid is asked once more without it, which is remembered", async (t) => {
  const pair = await startPair(t);
  pair.as.reply("/device", withoutOpenid);
  assert.equal((await writeServer(pair, "op", {})).status, 204);
  const read = await login(pair, "op", { scopes: "message.read" });
  assert.equal(read.status, 200, JSON.stringify(read.body));
  const scopes = () => pair.as.to("/device").map(({ form }) => form.get("scope"));
  assert.deepEqual(scopes(), ["openid message.read", "message.read"]);
  assert.equal((await login(pair, "op")).status, 200);
  assert.deepEqual(scopes().slice(2), [null], "it is known by now");
  const link = await pair.write("oauth2/auth-code-url", { server: "op", redirect_url: "https://a.example/cb" });
  assert.equal(link.status, 200, JSON.stringify(link.body));
  const url = new URL(String(link.body?.data?.url));
  assert.deepEqual(
    [url.searchParams.get("client_id"), url.searchParams.get("scope")],
    ["client", null],
    "for links too",
  );
});

test("FC-22 a scope that the caller asked for is refused: the error names the one that the broker added", async (t) => {
  const pair = await startPair(t);
  pair.as.reply("/device", oauthError("invalid_scope", 400, { error_description: "unknown scope" }));
  assert.equal((await writeServer(pair, "op", {})).status, 204);
  const refused = await startDevice(pair, "me", { server: "op", scopes: "nonsense" });
  assert.equal(refused.status, 400);
  assert.match(String(refused.body?.errors), /invalid_scope: unknown scope; the broker added the scope openid/);
  assert.equal(pair.as.to("/device").length, 2, "once more, and no oftener");
  const own = await startDevice(pair, "me", { server: "op", scopes: "openid nonsense" });
  assert.doesNotMatch(String(own.body?.errors), /the broker added/);
  assert.equal(pair.as.to("/device").length, 3, "what the caller wants is not left out");
});

test("FC-22 provider oauth2, and custom with an issuer, discover without OpenID semantics", async (t) => {
  const pair = await startPair(t);
  pair.as.reply("/device", withoutOpenid);
  assert.equal((await writeServer(pair, "plain", {}, "oauth2")).status, 204);
  const custom = { provider: "custom", client_id: "client", provider_options: { issuer: pair.as.issuer } };
  assert.equal((await pair.write("oauth2/servers/own", custom)).status, 204);
  for (const server of ["plain", "own"]) {
    const asked = pair.as.requests.length;
    const read = await login(pair, server, { scopes: "message.read" });
    assert.equal(read.status, 200, JSON.stringify(read.body));
    const devices = pair.as.requests.slice(asked).filter(({ path }) => path === "/device");
    assert.deepEqual(
      devices.map(({ form }) => form.get("scope")),
      ["message.read"],
    );
  }
  assert.equal(pair.as.to("/jwks").length + pair.as.to("/userinfo").length, 0);
  assert.equal(pair.as.requests.find(({ path }) => path.startsWith("/.well-known"))?.path, OAUTH);
  const neither = await pair.write("oauth2/servers/x", { provider: "custom", client_id: "c", provider_options: {} });
  assert.match(String(neither.body?.errors), /option "token_url": token URL is required/);
});

test("FC-41 an endpoint that somebody gives by hand and the address policy refuses is refused at the write", async (t) => {
  const pair = await startPair(t);
  const { issuer } = pair.as;
  const good = { token_url: `${issuer}/token`, auth_code_url: `${issuer}/authorize` };
  for (const [option, url, why] of [
    [
      "token_url",
      "https://10.0.0.1/token",
      /^the broker may not call the token_endpoint https:\S+: its address is not public/,
    ],
    ["revocation_url", "https://10.0.0.1/revoke", /^the broker may not call the revocation_endpoint https:/],
    ["refresh_url", "https://10.0.0.1/refresh", /^the broker may not call the refresh endpoint https:/],
    ["device_code_url", "https://10.0.0.1/device", /^the broker may not call the device_authorization_endpoint https:/],
  ] as const) {
    const provider_options = { ...good, [option]: url };
    const refused = await pair.write("oauth2/servers/own", { provider: "custom", client_id: "c", provider_options });
    assert.deepEqual([refused.status, refused.body?.data?.reason], [400, "server_misconfigured"], option);
    assert.match(String(refused.body?.errors?.[0]), why);
    assert.equal((await pair.read("oauth2/servers/own")).status, 404);
  }
});
