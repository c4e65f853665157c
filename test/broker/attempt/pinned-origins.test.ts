import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { proper } from "../../servers/faults.ts";
import type { Misbehaving } from "../../servers/misbehaving.ts";
import { startServer } from "../../servers/watched.ts";
import type { Coatcheck } from "../../support/coatcheck.ts";
import { importGrant, type Pair, startDevice, startPair } from "../../support/misbehaving.ts";
import { ask } from "../../support/sessions.ts";
import { reshape } from "../../support/stored.ts";

const SECRET = "s-of-the-client";

function record(as: Misbehaving, more: Record<string, unknown> = {}) {
  const provider_options = { issuer_url: as.issuer, extra_data_fields: "user_info" };
  const client = { client_id: "client", client_secret: SECRET };
  return { provider: "oidc", provider_options, ...client, allow_sessions: true, ...more };
}

/** A broker with a login at an OpenID provider, and the thief's server. */
async function robbed(t: TestContext): Promise<{ pair: Pair; thief: Misbehaving }> {
  const pair = await startPair(t);
  const thief = await startServer(t, () => pair.clock.now());
  assert.equal((await pair.write("oauth2/servers/op", record(pair.as))).status, 204);
  pair.as.tokens.accessLife = 600;
  await importGrant(pair, "me", { server: "op" });
  return { pair, thief };
}

const MOVED = /the \w[\w ]* endpoint moved from http:\S+ to http:\S+; to accept this, write the server record again/;

/** What a broker has said of its server's trouble, in its log and in the read of the server. */
async function told(broker: Coatcheck, endpoint: string): Promise<void> {
  const lines = broker.logged.filter((line) => line.includes("endpoint_moved") && line.includes(`the ${endpoint} `));
  assert.equal(lines.length, 1, `${endpoint}: told once`);
  const { data } = (await broker.read("oauth2/servers/op")).body ?? {};
  assert.match(String((data?.last_trouble as { text?: string } | undefined)?.text), MOVED);
}

test("ST-1 metadata that move an endpoint to a foreign origin get no secret there, and what needs it says so", async (t) => {
  const { pair, thief } = await robbed(t);
  pair.as.metadata = { device_authorization_endpoint: `${thief.issuer}/device` };
  const device = await pair.restart();
  const started = await startDevice(device, "new", { server: "op" });
  assert.deepEqual([started.status, started.body?.data?.reason], [400, "server_misconfigured"]);
  assert.match(String(started.body?.errors), MOVED);
  const session = await ask(device, "POST", "/sessions", { body: { server: "op" } });
  assert.match(String(session.body.error_description), MOVED, "and no other way is taken instead");
  await told(device, "device authorization endpoint");

  pair.as.metadata = { authorization_endpoint: `${thief.issuer}/authorize` };
  const link = await device.restart();
  const refused = await link.write("oauth2/auth-code-url", { server: "op", name: "new" });
  assert.match(String(refused.body?.errors), MOVED);

  pair.as.metadata = { userinfo_endpoint: `${thief.issuer}/userinfo` };
  const info = await link.restart();
  pair.as.tokens.extra = { id_token: pair.as.idTokens.make(Math.floor(pair.clock.now() / 1000)) };
  await importGrant({ ...info, as: pair.as }, "known", { server: "op" });
  const { status, body } = await info.read("oauth2/creds/known");
  assert.equal(status, 200, "a token is none the worse for it");
  assert.match(String(body?.warnings), MOVED);
  await told(info, "userinfo endpoint");

  pair.as.metadata = { revocation_endpoint: `${thief.issuer}/revoke` };
  const deleting = await info.restart();
  const deleted = await deleting.delete("oauth2/creds/me");
  assert.match(String(deleted.body?.warnings), MOVED);
  assert.equal(thief.requests.length, 0);
  assert.equal((await deleting.write("oauth2/servers/op", record(pair.as))).status, 204);
  assert.equal((await deleting.read("oauth2/servers/op")).body?.data?.last_trouble, undefined);
  await deleting.passUntil("a person has agreed", () => thief.to("/revoke").length === 1, 7_200_000);
});

test("ST-1 a registration endpoint that has moved gets no registration token", async (t) => {
  const pair = await startPair(t);
  const thief = await startServer(t, () => pair.clock.now());
  const provider_options = { issuer_url: pair.as.issuer, registration: "dynamic" };
  pair.as.reply("/register", proper({ client_id: "first" }));
  const server = { provider: "oidc", provider_options, initial_access_token: "let-me-in" };
  assert.equal((await pair.write("oauth2/servers/op", server)).status, 204);
  pair.as.metadata = { registration_endpoint: `${thief.issuer}/register` };
  pair.as.reply("/device", (exchange) => {
    const { response } = exchange;
    response.writeHead(401, { "content-type": "application/json" }).end('{"error":"invalid_client"}');
  });
  const again = await pair.restart();
  const started = await startDevice(again, "me", { server: "op" });
  assert.match(String(started.body?.errors), MOVED, "the client is known no more, and no other is registered");
  assert.equal(thief.requests.length, 0);
});

test("ST-1 an endpoint that is new is used where the token endpoint is, and nowhere else", async (t) => {
  const { pair, thief } = await robbed(t);
  pair.as.metadata = { revocation_endpoint: undefined };
  assert.equal((await pair.write("oauth2/servers/op", record(pair.as))).status, 204);
  pair.as.metadata = { revocation_endpoint: `${thief.issuer}/revoke` };
  const elsewhere = await pair.restart();
  const deleted = await elsewhere.delete("oauth2/creds/me");
  assert.match(String(deleted.body?.warnings), /a new revocation endpoint is at http:/);
  pair.as.metadata = {};
  const beside = await elsewhere.restart();
  await beside.passUntil("it is revoked", () => pair.as.to("/revoke").length === 1, 7_200_000);
  assert.equal(thief.requests.length, 0);
});

test("ST-1 a record from before pins goes on, and pins what its metadata say the first time", async (t) => {
  const { pair, thief } = await robbed(t);
  const age = () =>
    reshape(pair.data, { kind: "server", name: "op" }, ({ pins: _, ...older }: { pins?: unknown }) => older);
  pair.as.metadata = { revocation_endpoint: `${thief.issuer}/revoke` };
  const upgraded = await pair.restart(age);
  await upgraded.pass(1_200_000);
  assert.equal((await upgraded.read("oauth2/creds/me")).status, 200);
  pair.as.metadata = { revocation_endpoint: `${pair.as.issuer}/revoke`, userinfo_endpoint: `${thief.issuer}/userinfo` };
  const later = await upgraded.restart();
  await later.pass(1_200_000);
  assert.equal((await later.delete("oauth2/creds/me")).status, 204, "the token endpoint's own origin is as good");
  assert.deepEqual([pair.as.to("/revoke").length, thief.requests.length], [1, 0]);
  await told(later, "userinfo endpoint");
});

test("ST-1 a former client's grants go where the present record of its issuer lets them", async (t) => {
  const { pair, thief } = await robbed(t);
  const age = () =>
    reshape(pair.data, { kind: "server", name: "op" }, ({ pins: _, ...older }: { pins?: unknown }) => older);
  const upgraded = await pair.restart(age);
  assert.equal((await upgraded.write("oauth2/servers/op", record(pair.as, { client_id: "other" }))).status, 204);
  pair.as.metadata = { revocation_endpoint: `${thief.issuer}/revoke` };
  const later = await upgraded.restart();
  assert.match(String((await later.delete("oauth2/creds/me")).body?.warnings), MOVED);
  assert.equal(thief.requests.length, 0);
});
