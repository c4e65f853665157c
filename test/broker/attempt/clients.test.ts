import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { startDemoServer } from "../../../src/dev/demo-server.ts";
import { empty, oauthError, proper } from "../../servers/faults.ts";
import { startServer } from "../../servers/watched.ts";
import { type Coatcheck, startCoatcheck } from "../../support/coatcheck.ts";
import { configure, DEVICE, importGrant, startPair } from "../../support/misbehaving.ts";
import { decide } from "../../support/person/decide.ts";
import { reshape, storedCredential } from "../../support/stored.ts";

/** A broker that registers itself at the certified provider. */
async function registering(t: TestContext) {
  const demo = await startDemoServer({ person: "octavia", ttl: { AccessToken: 600 } });
  t.after(() => demo.close());
  const coatcheck = await startCoatcheck(t);
  const write = async (registration: string) => {
    const provider_options = { issuer_url: demo.issuer, registration };
    const written = await coatcheck.write("oauth2/servers/own", { provider: "oidc", provider_options });
    assert.equal(written.status, 204, JSON.stringify(written.body));
    const { data } = (await coatcheck.read("oauth2/servers/own")).body ?? {};
    assert.deepEqual(data?.provider_options, { issuer_url: demo.issuer, registration: "dynamic" });
    return String(data?.client_id);
  };
  const isKnown = async (clientId: string) => (await demo.provider.Client.find(clientId)) !== undefined;
  return { ...coatcheck, demo, register: write, isKnown };
}

async function signIn(coatcheck: Coatcheck, name: string): Promise<string> {
  const scopes = "openid offline_access notes:read";
  const started = await coatcheck.write(`oauth2/creds/${name}`, { server: "own", grant_type: DEVICE, scopes });
  await decide(String(started.body?.data?.verification_uri_complete), "allow");
  await coatcheck.pass(6_000);
  return token(coatcheck, name);
}

async function token(coatcheck: Coatcheck, name: string): Promise<string> {
  const { status, body } = await coatcheck.read(`oauth2/creds/${name}`);
  assert.equal(status, 200, JSON.stringify(body));
  return String(body?.data?.access_token);
}

test("FC-20 a record that is written again keeps its client; a renewed one leaves the old one to its grants", async (t) => {
  const broker = await registering(t);
  const first = await broker.register("dynamic");
  const before = await signIn(broker, "me");
  assert.equal(await broker.register("dynamic"), first);
  const second = await broker.register("renew");
  assert.notEqual(second, first);
  assert.equal(await broker.register("dynamic"), second, "an order is carried out once");
  await broker.pass(600_000);
  const after = await token(broker, "me");
  assert.notEqual(after, before, "refreshed by the client that it was issued to");
  await broker.pass(3_700_000);
  assert.ok(await broker.isKnown(first), "somebody uses it");
  assert.equal((await broker.delete("oauth2/creds/me")).status, 204);
  assert.equal(await broker.demo.provider.AccessToken.find(after), undefined, "revoked by it, too");
  await broker.pass(3_700_000);
  assert.deepEqual([await broker.isKnown(first), await broker.isKnown(second)], [false, true]);
});

test("FC-20 a deleted record unregisters what nobody uses, and not before", async (t) => {
  const broker = await registering(t);
  const first = await broker.register("dynamic");
  await broker.delete("oauth2/servers/own");
  await broker.pass(1_000);
  assert.equal(await broker.isKnown(first), false);
  const second = await broker.register("dynamic");
  const before = await signIn(broker, "me");
  await broker.delete("oauth2/servers/own");
  await broker.pass(1_000);
  const third = await broker.register("dynamic");
  await broker.pass(600_000);
  assert.notEqual(await token(broker, "me"), before, "taken up again, with its own client");
  assert.deepEqual([await broker.isKnown(second), await broker.isKnown(third)], [true, true]);
});

test("FC-20 a record that comes back as another server's is sent nothing that this one issued", async (t) => {
  const other = await startServer(t);
  const pair = await startPair(t);
  pair.as.tokens.accessLife = 600;
  await importGrant(pair);
  assert.equal((await pair.delete("oauth2/servers/as")).status, 204);
  await configure(pair, other);
  await pair.pass(1_800_000);
  assert.equal(other.requests.length, 0);
  const { status, body } = await pair.read("oauth2/creds/me");
  assert.deepEqual([status, body?.data?.reason], [503, "server_misconfigured"]);
  assert.match(String(body?.errors), /was made at http.*: write the record as it was, or sign in again/);
  await configure(pair, pair.as);
  await pair.pass(60_000);
  assert.equal((await pair.read("oauth2/creds/me")).status, 200, "nothing was lost");
  assert.equal((await pair.delete("oauth2/creds/me")).status, 204);
});

test("FC-20 a registration is made anew where it is not enough any more: another way back, a secret that has ended", async (t) => {
  const pair = await startPair(t);
  const provider_options = { issuer_url: pair.as.issuer, registration: "dynamic" };
  const clientIds: unknown[] = [];
  const write = async (broker: Coatcheck, more: Record<string, unknown>) => {
    const client_id = `client-${pair.as.to("/register").length}`;
    pair.as.reply("/register", proper({ client_id, ...more }));
    assert.equal((await broker.write("oauth2/servers/own", { provider: "oidc", provider_options })).status, 204);
    clientIds.push((await broker.read("oauth2/servers/own")).body?.data?.client_id);
  };
  const ends = Math.floor(pair.clock.now() / 1000) + 60;
  await write(pair, { client_secret: "s-of-the-client", client_secret_expires_at: ends });
  await write(pair, {});
  await pair.pass(61_000);
  await write(pair, {});
  const moved = await pair.restart(() => {}, { publicUrl: "https://elsewhere.example" });
  await write(moved, {});
  await write(moved, {});
  assert.deepEqual(clientIds, ["client-0", "client-0", "client-1", "client-2", "client-2"]);
});

test("FC-20 a grant goes on with the client it was issued to until its secret is taken away", async (t) => {
  const pair = await startPair(t);
  const client = (name: string, secret: string) =>
    configure(pair, pair.as, {
      client_id: name,
      client_secret: secret,
      token_endpoint_auth_method: "client_secret_post",
    });
  const last = (path: string) => {
    const { form } = pair.as.to(path).at(-1) ?? {};
    return [form?.get("client_id"), form?.get("client_secret")];
  };
  pair.as.tokens.accessLife = 600;
  await client("a", "first-of-a");
  await importGrant(pair);
  await importGrant(pair, "other");
  const link = await pair.write("oauth2/auth-code-url", { server: "as", name: "linked" });
  await client("b", "first-of-b");
  await pair.pass(600_000);
  assert.deepEqual(last("/token"), ["a", "first-of-a"]);
  const state = new URL(String(link.body?.data?.url)).searchParams.get("state");
  await fetch(`${pair.running.address}/v1/oauth2/callback?state=${state}&code=c-of-the-link`);
  assert.deepEqual(last("/token"), ["a", "first-of-a"], "the client in the link");
  assert.equal((await pair.delete("oauth2/creds/other")).status, 204);
  assert.deepEqual(last("/revoke"), ["a", "first-of-a"]);
  await client("a", "second-of-a");
  await pair.pass(600_000);
  assert.deepEqual(last("/token"), ["a", "second-of-a"]);
  await pair.delete("oauth2/servers/as");
  await client("b", "first-of-b");
  await pair.pass(600_000);
  assert.deepEqual(last("/token"), ["b", "first-of-b"], "nobody has its secret any more");
});

test("FC-20 a grant from before grants named their client keeps that client when its record names another", async (t) => {
  const pair = await startPair(t);
  pair.as.tokens.accessLife = 600;
  await importGrant(pair);
  await importGrant(pair, "gone");
  const older = (name: string) =>
    reshape(pair.data, { kind: "creds", name }, ({ credential, ...rest }: Stored) => {
      const { client: _, ...grant } = credential.grant;
      return { ...rest, credential: { ...credential, grant } };
    });
  const upgraded = await pair.restart(() => ["me", "gone"].forEach(older));
  await configure(upgraded, pair.as, { client_id: "another" });
  await upgraded.pass(600_000);
  assert.equal(pair.as.to("/token").at(-1)?.form.get("client_id"), "client");
  assert.equal((await upgraded.read("oauth2/creds/me")).status, 200);
  await upgraded.delete("oauth2/creds/gone");
  assert.equal(pair.as.to("/revoke").at(-1)?.form.get("client_id"), "client");
  assert.deepEqual(storedCredential(pair.data).grant.client, { clientId: "client", issuer: pair.as.issuer });
});

interface Stored {
  readonly credential: { readonly grant: Record<string, unknown> };
}

test("FC-20 what cannot be unregistered now is tried again, and a server that never does it is left alone", async (t) => {
  for (const [status, deletes] of [
    [503, 3],
    [403, 1],
    [401, 1],
  ] as const) {
    const pair = await startPair(t);
    const provider_options = { issuer_url: pair.as.issuer, registration: "dynamic" };
    const registration_client_uri = `${pair.as.issuer}/register/me`;
    const registration_access_token = "token-of-the-registration";
    pair.as.reply("/register", proper({ registration_client_uri, registration_access_token }));
    pair.as.reply("/register/me", empty(status), empty(status), empty(204));
    await pair.write("oauth2/servers/own", { provider: "oidc", provider_options });
    const read = JSON.stringify((await pair.read("oauth2/servers/own")).body);
    assert.ok(!read.includes(registration_access_token), read);
    await pair.delete("oauth2/servers/own");
    await pair.pass(20_000_000);
    const asked = pair.as.to("/register/me");
    assert.equal(asked.length, deletes, String(status));
    assert.equal(asked[0]?.headers.authorization, `Bearer ${registration_access_token}`);
    assert.ok(!pair.logged.join("").includes(registration_access_token));
    const ends = pair.logged.join("").match(/client_unregistered|unregistration_given_up/g);
    assert.deepEqual(ends, [status === 403 ? "unregistration_given_up" : "client_unregistered"], String(status));
  }
});

test("FC-90 a server that forgot the broker's client: sign in again, and the new login has a new client", async (t) => {
  const pair = await startPair(t);
  const provider_options = { issuer_url: pair.as.issuer, registration: "dynamic" };
  await pair.write("oauth2/config", { tune_refresh_check_interval_seconds: 60 });
  pair.as.reply("/register", proper({ client_id: "first" }));
  await pair.write("oauth2/servers/own", { provider: "oidc", provider_options });
  pair.as.tokens.accessLife = 600;
  await importGrant(pair, "me", { server: "own" });
  pair.as.reply("/token", oauthError("invalid_client", 401));
  await pair.pass(900_000);
  const read = await pair.read("oauth2/creds/me");
  assert.deepEqual([read.status, read.body?.data?.reason], [400, "invalid_grant"]);
  assert.match(
    String(read.body?.errors),
    /invalid_client; the server forgot the client that was registered for this login: sign in again/,
  );
  pair.as.reply("/register", proper({ client_id: "second" }));
  const device = await pair.write("oauth2/creds/me", { server: "own", grant_type: DEVICE });
  assert.equal(device.status, 200, JSON.stringify(device.body));
  assert.equal(pair.as.to("/device").at(-1)?.form.get("client_id"), "second");
  assert.equal((await pair.read("oauth2/servers/own")).body?.data?.client_id, "second");
  pair.as.reply("/register", proper({ client_id: "third" }));
  pair.as.reply("/device", oauthError("invalid_client", 401), proper());
  assert.equal((await pair.write("oauth2/creds/me", { server: "own", grant_type: DEVICE })).status, 200);
  assert.equal(pair.as.to("/device").at(-1)?.form.get("client_id"), "third", "noticed when a login begins");
  const link = await pair.write("oauth2/auth-code-url", { server: "own", name: "linked" });
  assert.match(String(link.body?.data?.url), /client_id=third/);
});
