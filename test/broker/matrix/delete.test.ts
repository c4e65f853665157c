import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { PROFILES } from "../../../src/dev/matrix/profiles.ts";
import { empty, json, proper } from "../../servers/faults.ts";
import { approve, WHOAMI as MATRIX_WHOAMI, startHomeserverPair } from "../../support/matrix/homeserver-pair.ts";
import { startProfile } from "../../support/matrix/profile-pair.ts";

const REVOKE = "/oauth2/revoke";
const WHOAMI = "/_matrix/client/v3/account/whoami";

test("MX-L1 the refresh token is revoked, with its hint and the registered client", async (t) => {
  for (const profile of Object.values(PROFILES)) {
    const pair = await startProfile(t, profile);
    await pair.loggedIn();
    await pair.delete("oauth2/creds/bot");
    const form = pair.homeserver.to(REVOKE)[0]?.form;
    const client_id = pair.homeserver.to("/oauth2/device")[0]?.form.get("client_id");
    const wanted = { token: "refresh-token-2", token_type_hint: "refresh_token", client_id };
    assert.deepEqual(Object.fromEntries(form ?? []), wanted, profile.name);
  }
});

test("MX-L3 the proof: whoami says 401, and nothing more is asked", async (t) => {
  const pair = await startProfile(t, PROFILES.spec);
  await pair.loggedIn();
  const asked = pair.homeserver.to(WHOAMI).length;
  assert.equal((await pair.delete("oauth2/creds/bot")).status, 204);
  assert.equal(pair.homeserver.to(WHOAMI).length, asked + 1);
  await pair.pass(300_000);
  assert.equal(pair.homeserver.to(WHOAMI).length, asked + 1);
});

test("MX-L3 a homeserver that remembers the token for a while: a warning, and it is looked at again until it is gone", async (t) => {
  const pair = await startProfile(t, PROFILES["mas-1.22"]);
  await pair.loggedIn();
  const deleted = await pair.delete("oauth2/creds/bot");
  assert.deepEqual(deleted.body?.warnings, [
    "credential removed and revoked, but the account's server still accepts its access token; it will be checked again",
  ]);
  await pair.pass(200_000);
  const asked = pair.homeserver.to(WHOAMI).length;
  assert.equal(pair.homeserver.to(REVOKE).length, 1, "revoked once");
  await pair.pass(200_000);
  assert.equal(pair.homeserver.to(WHOAMI).length, asked);
  assert.doesNotMatch(pair.logged.join(""), /revocation_unproved/);
});

test("MX-L3 a revocation that revokes nothing is told after three minutes", async (t) => {
  const pair = await startProfile(t, PROFILES.spec);
  await pair.loggedIn();
  pair.homeserver.reply(REVOKE, empty(200));
  await pair.delete("oauth2/creds/bot");
  await pair.pass(170_000);
  assert.doesNotMatch(pair.logged.join(""), /revocation_unproved/);
  await pair.pass(30_000);
  assert.match(pair.logged.join(""), /revocation_unproved/);
});

test("MX-L3 where a late answer joins it in its last moment nothing is told yet: that is revoked first", async (t) => {
  const pair = await startProfile(t, PROFILES.spec);
  await pair.loggedIn();
  pair.homeserver.reply(REVOKE, empty(200));
  await pair.delete("oauth2/creds/bot");
  await pair.pass(170_000);
  pair.homeserver.reply(WHOAMI, (exchange) => {
    const elsewhere = new DatabaseSync(join(pair.data, "coatcheck.db"));
    const { changes } = elsewhere.prepare("UPDATE row SET revision = revision + 1 WHERE kind = 'revocation'").run();
    elsewhere.close();
    assert.equal(changes, 1);
    return proper()(exchange);
  });
  await pair.pass(30_000);
  assert.doesNotMatch(pair.logged.join(""), /revocation_unproved/);
});

for (const [what, fault, status] of [
  ["an unknown token", json(400, { error: "invalid_grant" }), 204],
  ["any body under 200", json(200, { odd: true }), 204],
] as const) {
  test(`MX-L2 ${what} is done`, async (t) => {
    const pair = await startHomeserverPair(t);
    await pair.login();
    await approve(pair);
    pair.as.reply("/revoke", fault);
    pair.as.reply(MATRIX_WHOAMI, json(401, { errcode: "M_UNKNOWN_TOKEN", soft_logout: true }));
    assert.equal((await pair.delete("oauth2/creds/bot")).status, status);
    await pair.pass(300_000);
    assert.equal(pair.as.to("/revoke").length, 1);
  });
}

test("MX-L2 503 is tried again from the store, and the login is gone for its readers at once", async (t) => {
  const pair = await startHomeserverPair(t);
  await pair.login();
  await approve(pair);
  pair.as.reply("/revoke", empty(503));
  const deleted = await pair.delete("oauth2/creds/bot");
  assert.match(String(deleted.body?.warnings?.[0]), /^credential removed, revocation will be tried again/);
  assert.equal((await pair.read("oauth2/creds/bot")).status, 404);
  pair.as.behave("/revoke");
  pair.as.reply(MATRIX_WHOAMI, json(401, { errcode: "M_UNKNOWN_TOKEN" }));
  await pair.pass(120_000);
  assert.equal(pair.as.to("/revoke").length, 2);
});

test("FC-20 a client that was registered for one login is unregistered when that has ended, after its tokens", async (t) => {
  const pair = await startHomeserverPair(t);
  const managed = `${pair.as.issuer}/register/of-the-login`;
  const MANAGED = { registration_client_uri: managed, registration_access_token: "token-of-the-registration" };
  pair.as.reply("/register", proper(MANAGED));
  pair.as.reply("/register/of-the-login", empty(503), empty(204));
  const ended = () => pair.as.to("/register/of-the-login");
  for (const name of ["kept", "bot"]) {
    await pair.login(name);
    await approve(pair, name);
  }
  pair.as.reply(MATRIX_WHOAMI, json(401, { errcode: "M_UNKNOWN_TOKEN" }));
  assert.equal((await pair.delete("oauth2/creds/bot")).status, 204);
  await pair.pass(1_000);
  const [first] = ended();
  assert.deepEqual([first?.method, first?.headers.authorization], ["DELETE", "Bearer token-of-the-registration"]);
  const order = pair.as.requests.map(({ path }) => path).filter((path) => /^\/(revoke|register\/)/.test(path));
  assert.deepEqual(order, ["/revoke", "/register/of-the-login"]);
  await pair.pass(3_700_000);
  assert.equal(ended().length, 2, "tried again, as its server was in trouble");
  await pair.pass(7_300_000);
  assert.equal(ended().length, 2);
  assert.doesNotMatch(pair.logged.join(""), /token-of-the-registration/);

  await pair.login("never-approved");
  assert.equal((await pair.delete("oauth2/creds/never-approved")).status, 204);
  await pair.pass(1_000);
  assert.equal(ended().length, 3, "nothing to revoke");
  await pair.delete("oauth2/creds/kept?revoke=false");
  await pair.pass(3_700_000);
  assert.equal(ended().length, 3, "its grant goes on elsewhere");
});

test("FC-20 so is the client of a login that was replaced, when its last token has ended, and that of a link that lapsed", async (t) => {
  const pair = await startHomeserverPair(t, { publicUrl: "https://coatcheck.example.com" });
  const clients = ["first", "second", "third", "fourth"].map((name) => `/register/${name}`);
  const registered = clients.map((path) =>
    proper({ registration_client_uri: pair.as.issuer + path, registration_access_token: "token" }),
  );
  const [first = empty(500), ...others] = registered;
  pair.as.reply("/register", first, ...others);
  for (const path of clients) pair.as.reply(path, empty(204));
  const ended = () => clients.filter((path) => pair.as.to(path).length > 0);
  await pair.login();
  await approve(pair);
  await pair.login();
  await pair.pass(60_000);
  await approve(pair);
  await pair.pass(3_300_000);
  assert.deepEqual(ended(), [], "whoever read the token before may still use it");
  await pair.pass(600_000);
  assert.deepEqual(ended(), ["/register/first"]);

  const link = { server: "mx", name: "bot" };
  assert.equal((await pair.write("oauth2/auth-code-url", link)).status, 200);
  await pair.pass(590_000);
  assert.deepEqual(ended(), ["/register/first"]);
  await pair.pass(400_000);
  assert.deepEqual(ended(), ["/register/first", "/register/third"]);
  assert.equal((await pair.write("oauth2/auth-code-url", { ...link, name: "new" })).status, 200);
  await pair.pass(1_000_000);
  assert.deepEqual(ended(), ["/register/first", "/register/third"], "the credential that waited for it has it");
  assert.equal((await pair.delete("oauth2/creds/new")).status, 204);
  await pair.pass(400_000);
  assert.deepEqual(ended(), ["/register/first", "/register/third", "/register/fourth"]);
  assert.equal((await pair.read("oauth2/creds/bot")).status, 200);
});

test("FC-20 tokens that come after their login was deleted are revoked, before its own client is unregistered", async (t) => {
  const pair = await startHomeserverPair(t);
  const registration_client_uri = `${pair.as.issuer}/register/of-the-login`;
  pair.as.reply("/register", proper({ registration_client_uri, registration_access_token: "token" }));
  pair.as.reply("/register/of-the-login", empty(204));
  await pair.login();
  pair.as.tokens.approved = true;
  pair.as.reply("/token", async (exchange) => {
    const late = exchange.proper();
    await pair.delete("oauth2/creds/bot");
    return json(late.status, late.body)(exchange);
  });
  await pair.passUntil("it is unregistered", () => pair.as.to("/register/of-the-login").length > 0, 300_000);
  const order = pair.as.requests.map(({ path }) => path).filter((path) => /^\/(revoke|register\/)/.test(path));
  assert.deepEqual(order, ["/revoke", "/register/of-the-login"]);
  assert.equal((await pair.read("oauth2/creds/bot")).status, 404);
});

test("FC-20 a client that logins share is not unregistered with one of them", async (t) => {
  const pair = await startHomeserverPair(t, { options: { registration: "reuse" } });
  const registration_client_uri = `${pair.as.issuer}/register/shared`;
  pair.as.reply("/register", proper({ registration_client_uri, registration_access_token: "token" }));
  await pair.login();
  await approve(pair);
  await pair.delete("oauth2/creds/bot");
  await pair.pass(3_700_000);
  assert.equal(pair.as.to("/register/shared").length, 0);
});
