import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { clientsOf, type ServerRecord } from "../../../src/broker/server/server-record.ts";
import { refreshTokenRequest } from "../../../src/protocol/refresh-token.ts";
import { findProvider } from "../../../src/providers/index.ts";
import { as, recordingCall } from "../../protocol/recording.ts";
import { oauthError, proper, reset } from "../../servers/faults.ts";
import type { Fault, RecordedRequest } from "../../servers/misbehaving.ts";
import { configure, DEVICE, importGrant, type Pair, startDevice, startPair } from "../../support/misbehaving.ts";

type Method = "client_secret_basic" | "client_secret_post" | "none";

function methodOf({ headers, form }: Pick<RecordedRequest, "headers" | "form">): Method {
  if (headers.authorization !== undefined) return "client_secret_basic";
  return form.has("client_secret") ? "client_secret_post" : "none";
}

/** An endpoint that takes one method alone, as this client is registered there. */
function only(method: Method, refusal: Fault = oauthError("invalid_client", 401)): Fault {
  return (exchange) => {
    const { headers } = exchange.request;
    const sent = methodOf({ headers, form: exchange.form } as Pick<RecordedRequest, "headers" | "form">);
    return (sent === method ? proper() : refusal)(exchange);
  };
}

function enforce(pair: Pair, method: Method): void {
  for (const path of ["/device", "/token", "/revoke"]) pair.as.reply(path, only(method));
}

const methodsAt = (pair: Pair, path: string) => pair.as.to(path).map(methodOf);

/** A record with a secret, and no word about the method. */
async function withSecret(pair: Pair, more: Record<string, unknown> = {}) {
  await configure(pair, pair.as, { client_secret: "secret-of-the-client", ...more });
}

test("FC-23 basic goes first, whatever the metadata list first; what a device request teaches is remembered", async (t) => {
  const pair = await startPair(t);
  const written = await pair.write("oauth2/servers/op", {
    provider: "oidc",
    client_id: "client",
    client_secret: "secret-of-the-client",
    provider_options: { issuer_url: pair.as.issuer },
  });
  assert.equal(written.status, 204);
  const inUse = async () => (await pair.read("oauth2/servers/op")).body?.data?.token_endpoint_auth_method;
  assert.equal(await inUse(), "client_secret_basic");
  enforce(pair, "client_secret_post");
  assert.equal((await startDevice(pair, "me", { server: "op" })).status, 200);
  assert.deepEqual(methodsAt(pair, "/device"), ["client_secret_basic", "client_secret_post"]);
  assert.equal(await inUse(), "client_secret_post");
  await pair.pass(6_000);
  const again = await pair.restart();
  await startDevice(again, "you", { server: "op" });
  assert.deepEqual(methodsAt(pair, "/device").slice(2), ["client_secret_post"], "after a restart, too");
  assert.deepEqual(new Set(methodsAt(pair, "/token")), new Set(["client_secret_post"]));
});

test("FC-23 whatever can be repeated is tried by the other method once: a client's own token, a poll, a revocation", async (t) => {
  const pair = await startPair(t);
  await withSecret(pair);
  pair.as.reply("/token", only("client_secret_post"));
  assert.equal((await pair.write("oauth2/self/own", { server: "as" })).status, 204);
  assert.deepEqual(methodsAt(pair, "/token"), ["client_secret_basic", "client_secret_post"]);
  pair.as.reply("/revoke", only("client_secret_basic"));
  assert.equal((await pair.delete("oauth2/self/own")).status, 204, "a revocation endpoint of its own mind");
  assert.deepEqual(methodsAt(pair, "/revoke"), ["client_secret_post", "client_secret_basic"]);
  await withSecret(pair, { client_id: "second" });
  pair.as.tokens.approved = true;
  await startDevice(pair);
  await pair.pass(6_000);
  assert.equal((await pair.read("oauth2/creds/me")).status, 200);
  assert.deepEqual(methodsAt(pair, "/token").slice(2), ["client_secret_basic", "client_secret_post"]);
});

test("FC-23 a code is sent once, by one method; the next login goes by the other", async (t) => {
  const pair = await startPair(t);
  await withSecret(pair);
  pair.as.reply("/token", only("client_secret_post"));
  const redeem = (code: string) =>
    pair.write("oauth2/creds/me", { server: "as", code, redirect_url: "https://a.example" });
  const refused = await redeem("code-of-monday");
  assert.deepEqual([refused.status, refused.body?.data?.reason], [400, "invalid_client"]);
  assert.equal((await redeem("code-of-tuesday")).status, 204);
  assert.deepEqual(methodsAt(pair, "/token"), ["client_secret_basic", "client_secret_post"]);
  const codes = pair.as.to("/token").map(({ form }) => form.get("code"));
  assert.equal(new Set(codes).size, 2, "none was sent twice");
});

test("FC-23 a rotating refresh token goes out by no other method, and one false word changes nothing", async (t) => {
  const pair = await startPair(t);
  await withSecret(pair);
  pair.as.tokens.accessLife = 600;
  await importGrant(pair);
  pair.as.reply("/token", oauthError("invalid_client", 401), proper());
  await pair.pass(700_000);
  assert.equal((await pair.read("oauth2/creds/me")).status, 200);
  assert.deepEqual(new Set(methodsAt(pair, "/token")), new Set(["client_secret_basic"]));
  assert.equal(pair.as.tokens.replays, 0);
});

test("FC-23 a refresh token that may be used again is tried by the other method, but not when an answer was lost", async (t) => {
  const pair = await startPair(t);
  await withSecret(pair, { provider_options: { rotation: "reusable" } });
  pair.as.tokens.rotation = "reusable";
  pair.as.tokens.accessLife = 600;
  await importGrant(pair);
  const sent = () => methodsAt(pair, "/token");
  pair.as.reply("/token", reset, only("client_secret_post"));
  await pair.passUntil("the lost one and its repetition", () => sent().length === 3);
  assert.deepEqual(sent(), ["client_secret_basic", "client_secret_basic", "client_secret_basic"]);
  pair.as.behave("/token");
  await pair.pass(120_000);
  const before = sent().length;
  pair.as.reply("/token", only("client_secret_post"));
  await pair.passUntil("a refresh by the other", () => sent().at(-1) === "client_secret_post");
  assert.deepEqual(sent().slice(before).slice(-2), ["client_secret_basic", "client_secret_post"]);
  assert.equal((await pair.read("oauth2/creds/me")).status, 200);
});

test("FC-23 a method that somebody named, or that a provider documents, is the only one", async (t) => {
  const pair = await startPair(t);
  pair.as.reply("/token", only("client_secret_post"));
  for (const more of [
    { token_endpoint_auth_method: "client_secret_basic" },
    { provider_options: { auth_style: "in_header" } },
  ]) {
    await withSecret(pair, more);
    assert.equal((await pair.write("oauth2/self/own", { server: "as" })).status, 400);
  }
  assert.deepEqual(methodsAt(pair, "/token"), ["client_secret_basic", "client_secret_basic"]);
});

test("FC-23 what was learned stays when the same record is written again, and ends with another secret", async (t) => {
  const pair = await startPair(t);
  await withSecret(pair);
  pair.as.reply("/token", only("client_secret_post"));
  await pair.write("oauth2/self/own", { server: "as" });
  const inUse = async () => (await pair.read("oauth2/servers/as")).body?.data?.token_endpoint_auth_method;
  await withSecret(pair);
  assert.equal(await inUse(), "client_secret_post");
  await withSecret(pair, { client_secret: "another-secret" });
  assert.equal(await inUse(), "client_secret_basic");
});

test("FC-36 a device endpoint that takes no secret is asked without one, and remembered; the token endpoint gets it", async (t) => {
  const pair = await startPair(t);
  await withSecret(pair);
  pair.as.reply("/device", only("none", oauthError("unauthorized_client", 403)));
  pair.as.tokens.approved = true;
  assert.equal((await startDevice(pair)).status, 200);
  assert.deepEqual(methodsAt(pair, "/device"), ["client_secret_basic", "none"]);
  await pair.pass(6_000);
  assert.equal((await pair.read("oauth2/creds/me")).status, 200);
  assert.deepEqual(methodsAt(pair, "/token"), ["client_secret_basic"]);
  const again = await pair.restart();
  await startDevice(again, "you");
  assert.deepEqual(methodsAt(pair, "/device").slice(2), ["none"]);
  await withSecret({ ...again, as: pair.as }, { client_id: "other" });
  pair.as.reply("/device", oauthError("unauthorized_client", 403));
  const refused = await startDevice(again, "them");
  assert.deepEqual([refused.status, refused.body?.data?.reason], [400, "unauthorized_client"], "the first word counts");
});

test("FC-26 an assertion is for the issuer, or for the token endpoint where the server wants that", async (t) => {
  const pair = await startPair(t);
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const client_key = privateKey.export({ type: "pkcs8", format: "pem" });
  const endpoint = `${pair.as.issuer}/token`;
  const audiences = () =>
    pair.as.to("/token").map(({ form }) => {
      const [, payload = ""] = (form.get("client_assertion") ?? "").split(".");
      return JSON.parse(Buffer.from(payload, "base64url").toString()).aud;
    });
  const write = (more: Record<string, unknown> = {}) =>
    configure(pair, pair.as, { token_endpoint_auth_method: "private_key_jwt", client_key, ...more });
  const own = async () => (await pair.write("oauth2/self/own", { server: "as" })).status;
  const wants: (aud: string) => Fault = (aud) => (exchange) => {
    const [, payload = ""] = (exchange.form.get("client_assertion") ?? "").split(".");
    const isWanted = JSON.parse(Buffer.from(payload, "base64url").toString()).aud === aud;
    return (isWanted ? proper() : oauthError("invalid_client", 401))(exchange);
  };
  pair.as.reply("/token", wants(endpoint));
  await write();
  assert.equal(await own(), 204);
  assert.equal(await own(), 204);
  assert.deepEqual(audiences(), [pair.as.issuer, endpoint, endpoint], "the other once, then remembered");
  await write({ client_assertion_aud: "issuer" });
  assert.equal(await own(), 400, "what was said is what is done");
  await write({ client_assertion_aud: "token_endpoint" });
  assert.equal(await own(), 204);
  await write({ client_assertion_aud: "https://aud.example/own" });
  assert.equal(await own(), 400);
  assert.deepEqual(audiences().slice(3), [pair.as.issuer, endpoint, "https://aud.example/own"]);
  await assert.rejects(write({ client_assertion_aud: "me" }), /client_assertion_aud must be/);
});

test("FC-27 a client that the broker registers takes a secret where one is offered", async (t) => {
  const pair = await startPair(t);
  const provider_options = { issuer_url: pair.as.issuer, registration: "dynamic" };
  assert.equal((await pair.write("oauth2/servers/own", { provider: "oidc", provider_options })).status, 204);
  const asked = JSON.parse(pair.as.to("/register")[0]?.body ?? "{}");
  assert.equal(asked.token_endpoint_auth_method, "client_secret_basic");
  await pair.write("oauth2/creds/me", { server: "own", grant_type: DEVICE });
  assert.deepEqual(methodsAt(pair, "/device"), ["client_secret_basic"]);
});

test("Stripe: the secret is the user of Basic, without a password, as its API keys are", async () => {
  const provider = findProvider("stripe");
  assert.ok(provider?.authMethod !== undefined);
  const record = { provider: provider.id, providerVersion: provider.version, authMethod: provider.authMethod };
  const { clients } = clientsOf({ ...record, clientId: "ca_1", clientSecrets: ["sk_1"] } as unknown as ServerRecord);
  const call = recordingCall();
  for (const client of clients) await refreshTokenRequest(as, client, "one-time", call);
  assert.deepEqual(
    call.requests.map(({ headers }) => headers.get("authorization")),
    [`Basic ${btoa("sk_1:")}`],
  );
});
