import assert from "node:assert/strict";
import { test } from "node:test";
import { PROFILES } from "../../../src/dev/matrix/profiles.ts";
import { startProfile } from "../../support/matrix/profile-pair.ts";

const ALL = Object.values(PROFILES);

for (const profile of ALL) {
  const { name, device, refresh } = profile;

  test(`MX-P13 ${name}: from a name to a token, refreshed by itself, and gone at the end`, async (t) => {
    const pair = await startProfile(t, profile);
    const first = await pair.loggedIn();
    assert.equal(first.status, 200, JSON.stringify(first.body));
    const { user_id, device_id, homeserver } = (first.body?.data?.extra_data ?? {}) as Record<string, string>;
    assert.equal(user_id, `@alice:${pair.homeserver.serverName}`);
    assert.match(device_id ?? "", /^[A-Z0-9]{12}$/);
    assert.equal(homeserver, pair.homeserver.baseUrl);
    assert.equal(first.body?.warnings, null);
    await pair.pass(refresh.accessLife * 1000);
    const second = await pair.read("oauth2/creds/bot");
    assert.equal(second.status, 200, JSON.stringify(second.body));
    assert.notEqual(second.body?.data?.access_token, first.body?.data?.access_token);
    assert.deepEqual(second.body?.data?.extra_data, first.body?.data?.extra_data, "MX-W3");
    assert.deepEqual(second.body?.data?.scopes, first.body?.data?.scopes, "MX-S4: no scope means unchanged");
    assert.equal(await pair.accepts(second.body?.data?.access_token), true);
    assert.equal(pair.homeserver.sessions.replays, 0);
    await pair.delete("oauth2/creds/bot");
    const [revoked] = pair.homeserver.to("/oauth2/revoke");
    assert.equal(revoked?.form.get("token_type_hint"), "refresh_token", "MX-L1");
    assert.equal(revoked?.form.get("client_id"), pair.homeserver.to("/oauth2/device")[0]?.form.get("client_id"));
    await pair.pass(180_000);
    assert.equal(await pair.accepts(second.body?.data?.access_token), false);
  });

  test(`MX-G2 ${name}: polled once per interval, and never after the code has ended`, async (t) => {
    const pair = await startProfile(t, profile);
    await pair.write("oauth2/config", { tune_device_flow_seconds: 0 });
    const startedAt = pair.clock.now();
    assert.equal((await pair.login()).status, 200);
    await pair.pass((device.life + 30) * 1000);
    const polls = pair.homeserver.to("/oauth2/token").map(({ at }) => at);
    assert.ok(polls.length >= Math.floor(device.life / 5) - 2, `${polls.length} polls`);
    for (const [index, at] of polls.entries()) {
      const before = polls[index - 1] ?? startedAt;
      assert.ok(at - before >= (device.interval ?? 5) * 1000, `poll ${index} came ${at - before} ms after`);
    }
    assert.ok((polls.at(-1) ?? 0) < startedAt + device.life * 1000);
    const read = await pair.read("oauth2/creds/bot");
    assert.equal(read.body?.data?.reason, "expired_token");
    assert.match(read.body?.errors?.[0] ?? "", /the server's page may have shown an error/, "MX-G7");
  });

  test(`MX-G3 ${name}: the code and the pages are shown as given`, async (t) => {
    const pair = await startProfile(t, profile);
    const { data } = (await pair.login()).body ?? {};
    assert.equal(data?.verification_uri, `${pair.homeserver.baseUrl}/link`);
    const complete = device.complete && `${pair.homeserver.baseUrl}/link?${device.complete}=${data?.user_code}`;
    assert.equal(data?.verification_uri_complete, complete);
  });

  test(`MX-G ${name}: a person who refuses`, async (t) => {
    if (!device.deniable) return t.skip("there is no way to refuse on it");
    const pair = await startProfile(t, profile);
    const { data } = (await pair.login()).body ?? {};
    assert.equal(pair.homeserver.deviceCodes.deny(String(data?.user_code)), "done");
    await pair.pass(6_000);
    assert.equal((await pair.read("oauth2/creds/bot")).body?.data?.reason, "access_denied");
  });

  test(`MX-R4 MX-V6 ${name}: the device grant switched off`, async (t) => {
    const pair = await startProfile(t, profile, {}, { deviceGrant: false });
    const refused = await pair.login();
    assert.equal(refused.status, 400);
    assert.match(refused.body?.errors?.[0] ?? "", /does not support device login; request an authorization link/);
    assert.equal(pair.homeserver.clients.count, 0);
  });
}
