import assert from "node:assert/strict";
import { test } from "node:test";
import { empty, json, oauthError, proper } from "../../servers/faults.ts";
import { approve, type HomeserverPair, startHomeserverPair, WHOAMI } from "../../support/matrix/homeserver-pair.ts";

/** The login has failed for good, its tokens are revoked, and nobody was given one. */
async function isUndone(pair: HomeserverPair, reason: string, text: RegExp): Promise<void> {
  const read = await pair.read("oauth2/creds/bot");
  assert.equal(read.status, 400);
  assert.equal(read.body?.data?.reason, reason);
  assert.match(read.body?.errors?.[0] ?? "", text);
  await pair.pass(5_000);
  assert.equal(pair.as.to("/revoke")[0]?.form.get("token_type_hint"), "refresh_token");
}

test("MX-W2 XD-08 another account than the expected one", async (t) => {
  const pair = await startHomeserverPair(t);
  await pair.login("bot", { user_id: "@bob:example.org" });
  await approve(pair);
  await isUndone(pair, "account_mismatch", /the login belongs to @alice:example\.org, not to @bob:example\.org$/);
});

test("MX-W2 the expected account", async (t) => {
  const pair = await startHomeserverPair(t);
  await pair.login("bot", { user_id: "@alice:example.org" });
  assert.equal((await approve(pair)).status, 200);
});

for (const device_id of ["SOMEBODYELSES", undefined]) {
  test(`MX-W2 device ${device_id} instead of the one asked for`, async (t) => {
    const pair = await startHomeserverPair(t);
    pair.as.reply(WHOAMI, json(200, { user_id: "@alice:example.org", device_id }));
    await pair.login();
    await approve(pair);
    await isUndone(pair, "account_mismatch", /the login is for device (SOMEBODYELSES|none), not for [A-Z0-9]{12}$/);
  });
}

test("MX-W1 a 401 at once is asked again after 2 s, and only then the login has failed", async (t) => {
  const pair = await startHomeserverPair(t);
  const unknown = json(401, { errcode: "M_UNKNOWN_TOKEN", soft_logout: false });
  pair.as.tokens.approved = true;
  await pair.login();
  const good = json(200, { user_id: "@alice:example.org", device_id: pair.deviceId() });
  pair.as.reply(WHOAMI, unknown, good);
  await pair.pass(5_000);
  assert.equal((await pair.read("oauth2/creds/bot")).status, 503, "not yet");
  await pair.pass(2_000);
  assert.equal((await pair.read("oauth2/creds/bot")).status, 200);
  pair.as.reply(WHOAMI, unknown);
  await pair.login();
  await pair.pass(5_000);
  assert.equal(pair.as.to(WHOAMI).length, 3);
  await pair.pass(2_000);
  await isUndone(pair, "rejected", /does not accept the new token \(M_UNKNOWN_TOKEN\)$/);
});

for (const [what, fault] of [
  ["503", empty(503)],
  ["HTML", empty(200)],
  ["an answer without account", json(200, {})],
] as const) {
  test(`MX-W3 ${what} at whoami: issued, flagged, and checked with the next tokens`, async (t) => {
    const pair = await startHomeserverPair(t);
    pair.as.tokens.accessLife = 600;
    pair.as.reply(WHOAMI, fault);
    await pair.login();
    const read = await approve(pair);
    assert.equal(read.status, 200);
    assert.match(read.body?.warnings?.[0] ?? "", /^the account and the device have not been verified yet: /);
    const known = { homeserver: pair.as.issuer, device_id: pair.deviceId() };
    assert.deepEqual(read.body?.data?.extra_data, known);
    const who = json(200, { user_id: "@alice:example.org", device_id: pair.deviceId() });
    pair.as.reply(WHOAMI, who);
    await pair.pass(600_000);
    const later = await pair.read("oauth2/creds/bot");
    assert.deepEqual(later.body?.data?.extra_data, { ...known, user_id: "@alice:example.org" });
    assert.equal(later.body?.warnings, null);
    const asked = pair.as.to(WHOAMI).length;
    await pair.pass(1_200_000);
    assert.equal(pair.as.to(WHOAMI).length, asked, "never again");
  });
}

test("MX-W3 XD-08 found out with the next tokens: somebody else's login is handed to nobody any more", async (t) => {
  const pair = await startHomeserverPair(t);
  pair.as.tokens.accessLife = 600;
  pair.as.reply(WHOAMI, empty(503));
  await pair.login("bot", { user_id: "@bob:example.org" });
  assert.equal((await approve(pair)).status, 200);
  pair.as.reply(WHOAMI, json(200, { user_id: "@alice:example.org", device_id: pair.deviceId() }));
  await pair.pass(600_000);
  const read = await pair.read("oauth2/creds/bot");
  assert.equal(read.body?.data?.reason, "subject_changed");
  await pair.pass(5_000);
  assert.equal(pair.as.to("/revoke").length, 1);
});

test("MX-S4 the granted scopes are compared as a set", async (t) => {
  const pair = await startHomeserverPair(t);
  await pair.login();
  const device = `urn:matrix:client:device:${pair.deviceId()}`;
  pair.as.tokens.extra = { scope: `openid ${device} urn:matrix:client:api:*` };
  assert.equal((await approve(pair)).status, 200);
});

for (const lacking of ["urn:matrix:client:api:*", "urn:matrix:client:device:"]) {
  test(`MX-S4 without ${lacking} the login is of no use`, async (t) => {
    const pair = await startHomeserverPair(t);
    await pair.login();
    const device = `urn:matrix:client:device:${pair.deviceId()}`;
    const scopes = ["urn:matrix:client:api:*", device].filter((scope) => !scope.startsWith(lacking));
    pair.as.tokens.extra = { scope: scopes.join(" ") };
    await approve(pair);
    assert.equal(pair.as.to(WHOAMI).length, pair.as.to("/revoke").length, "asked by the proof of its end alone");
    await isUndone(pair, "insufficient_scope", /the server did not grant urn:matrix:client:/);
  });
}

for (const bad of ["SHORT", "with space12", "A".repeat(256), "ünicode-device"]) {
  test(`MX-S3 device_id ${bad.slice(0, 20)} is refused before anybody is asked`, async (t) => {
    const pair = await startHomeserverPair(t);
    const before = pair.as.requests.length;
    const refused = await pair.login("bot", { device_id: bad });
    assert.deepEqual(refused.body?.errors, ['option "device_id": must be 10 to 255 characters of A-Z a-z 0-9 . _ ~ -']);
    assert.equal(pair.as.requests.length, before);
  });
}

test("MX-S3 a device id is random and fresh for each login, or the caller's", async (t) => {
  const pair = await startHomeserverPair(t);
  const ids = new Set<string>();
  for (let n = 0; n < 5; n++) {
    await pair.login();
    ids.add(pair.deviceId());
  }
  assert.equal(ids.size, 5);
  await pair.login("bot", { device_id: "my-bot.device_1~x" });
  assert.equal(pair.deviceId(), "my-bot.device_1~x");
});

test("MX-S5 a device that a server gives to no second login: it says so", async (t) => {
  const pair = await startHomeserverPair(t);
  pair.as.reply("/device", oauthError("invalid_scope"));
  const refused = await pair.login("bot", { device_id: "MYOLDDEVICE" });
  assert.match(
    refused.body?.errors?.[0] ?? "",
    /invalid_scope; the server may not accept an existing device: leave out device_id/,
  );
  assert.doesNotMatch((await pair.login()).body?.errors?.[0] ?? "", /leave out device_id/);
});

test("MX-S1 further scopes come from the caller alone", async (t) => {
  const pair = await startHomeserverPair(t);
  await pair.login("bot", {}, { scopes: "openid urn:x:extra" });
  const scope = pair.as.to("/device")[0]?.form.get("scope") ?? "";
  assert.match(scope, /^urn:matrix:client:api:\* urn:matrix:client:device:\w{12} openid urn:x:extra$/);
});

for (const [uri, warned] of [
  ["https://auth.example.org/link", false],
  ["https://evil.example/link", true],
  ["http://auth.example.org/link", true],
] as const) {
  test(`XD-13 ${uri} ${warned ? "gets a warning" : "is the server's own"}, and is shown`, async (t) => {
    const pair = await startHomeserverPair(t, { options: { verification_hosts: "auth.example.org" } });
    pair.as.reply("/device", proper({ verification_uri: uri, verification_uri_complete: undefined }));
    const { data, warnings } = (await pair.login()).body ?? {};
    assert.equal(data?.verification_uri, uri);
    assert.equal(warnings?.[0]?.startsWith("the page to open is ") ?? false, warned);
  });
}

test("MX-A1 account links: advertised actions only, with the device where they are about one", async (t) => {
  const actions = ["org.matrix.profile", "org.matrix.device_delete", "session_end", "a b&c=d"];
  const metadata = {
    account_management_uri: "https://account.example.org/?lang=fr",
    account_management_actions_supported: actions,
  };
  const pair = await startHomeserverPair(t, { metadata });
  await pair.login();
  const { extra_data } = (await approve(pair)).body?.data ?? {};
  const { account_management_uri, account_links } = extra_data as Record<string, unknown>;
  const device = pair.deviceId();
  const at = "https://account.example.org/?lang=fr&action=";
  assert.equal(account_management_uri, "https://account.example.org/?lang=fr");
  assert.deepEqual(account_links, {
    "org.matrix.profile": `${at}org.matrix.profile`,
    "org.matrix.device_delete": `${at}org.matrix.device_delete&device_id=${device}`,
    session_end: `${at}session_end&device_id=${device}`,
    "a b&c=d": `${at}a+b%26c%3Dd`,
  });
});

for (const metadata of [
  {},
  { account_management_uri: "http://account.example.org/" },
  { account_management_uri: "javascript:alert(1)" },
  { account_management_uri: 5 },
]) {
  test(`MX-A1 META-11 ${JSON.stringify(metadata)} makes no link`, async (t) => {
    const pair = await startHomeserverPair(t, { metadata });
    await pair.login();
    const { extra_data } = (await approve(pair)).body?.data ?? {};
    assert.deepEqual(Object.keys(extra_data as object).sort(), ["device_id", "homeserver", "user_id"]);
  });
}
