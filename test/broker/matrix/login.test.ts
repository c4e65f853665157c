import assert from "node:assert/strict";
import { test } from "node:test";
import { approve, startHomeserverPair, WHOAMI, writeHomeserver } from "../../support/matrix/homeserver-pair.ts";
import { DEVICE } from "../../support/misbehaving.ts";

test("MX-03 MX-04 MX-W1 from a homeserver's name to an access token, with no client id given by anybody", async (t) => {
  const pair = await startHomeserverPair(t);
  const started = await pair.login();
  assert.equal(started.status, 200, JSON.stringify(started.body));
  const [registered] = pair.as.to("/register");
  assert.deepEqual(JSON.parse(registered?.body ?? ""), {
    client_name: "Coatcheck",
    client_uri: "https://coatcheck.example.com/",
    application_type: "native",
    redirect_uris: ["http://127.0.0.1/callback", "http://[::1]/callback"],
    response_types: ["code"],
    grant_types: ["authorization_code", "refresh_token", DEVICE],
    token_endpoint_auth_method: "none",
  });
  const [asked] = pair.as.to("/device");
  assert.equal(asked?.form.get("client_id"), "registered-client");
  assert.match(asked?.form.get("scope") ?? "", /^urn:matrix:client:api:\* urn:matrix:client:device:[A-Z0-9]{12}$/);
  const read = await approve(pair);
  assert.equal(read.status, 200, JSON.stringify(read.body));
  assert.deepEqual(read.body?.data?.extra_data, {
    homeserver: pair.as.issuer,
    user_id: "@alice:example.org",
    device_id: pair.deviceId(),
  });
  assert.equal(read.body?.warnings, null);
  assert.equal(pair.as.to("/token")[0]?.form.get("client_id"), "registered-client");
  const [who] = pair.as.to(WHOAMI);
  assert.equal(who?.headers.authorization, `Bearer ${read.body?.data?.access_token}`);
});

test("FC-20 a login at a homeserver goes on with the client of its record, though that names another now", async (t) => {
  const pair = await startHomeserverPair(t);
  pair.as.tokens.accessLife = 600;
  await writeHomeserver(pair, pair.as, {}, { client_id: "first" });
  const started = await pair.login();
  assert.equal(started.status, 200, JSON.stringify(started.body));
  assert.equal((await approve(pair)).status, 200);
  await writeHomeserver(pair, pair.as, {}, { client_id: "second" });
  await pair.pass(700_000);
  const last = pair.as.to("/token").at(-1)?.form;
  assert.deepEqual([last?.get("grant_type"), last?.get("client_id")], ["refresh_token", "first"]);
});
