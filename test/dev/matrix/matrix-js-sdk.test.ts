import assert from "node:assert/strict";
import { test } from "node:test";
import { PROFILES } from "../../../src/dev/matrix/profiles.ts";
import { approve, authorize, callApi, homeserverFor } from "../../support/matrix/homeserver.ts";
import { sdkClient, sdkMetadata } from "../../support/matrix/matrix-js-sdk.ts";
import { bench } from "./bench.ts";

const DEVICE = "SDKDEVICE0001";

const whoami = (baseUrl: string, accessToken: string) => callApi(baseUrl, "account/whoami", accessToken);

test("a client that others wrote logs in at the homeserver by device code, refreshes and logs out", async (t) => {
  const { baseUrl, serverName } = await homeserverFor(t);
  const client = await sdkClient(await sdkMetadata(baseUrl), DEVICE);
  const session = await client.startDeviceAuthorizationGrant();
  await approve(session.verification_uri_complete ?? "");
  const login = await client.waitForDeviceAuthorizationGrant(session);
  assert.ok("access_token" in login, JSON.stringify(login));
  const who = { user_id: `@alice:${serverName}`, device_id: DEVICE, is_guest: false };
  assert.deepEqual((await whoami(baseUrl, login.access_token)).body, who);
  const refreshed = await client.performRefreshTokenGrant(login.refresh_token ?? "");
  assert.deepEqual((await whoami(baseUrl, refreshed.access_token)).body, who);
  await client.revokeToken(refreshed.refresh_token ?? "", "refresh_token");
  assert.equal((await whoami(baseUrl, refreshed.access_token)).status, 401);
});

test("the same client logs in by authorization code", async (t) => {
  const { baseUrl } = await homeserverFor(t);
  const client = await sdkClient(await sdkMetadata(baseUrl), DEVICE);
  const redirectUri = "http://127.0.0.1:8123/callback";
  const url = await client.generateAuthorizationCodeGrantUrl("state", redirectUri, "query");
  const { searchParams } = new URL(await authorize(url, redirectUri));
  const login = await client.completeAuthorizationCodeGrant(searchParams.get("code") ?? "", redirectUri);
  assert.equal((await whoami(baseUrl, login.access_token)).body.device_id, DEVICE);
});

for (const profile of Object.values(PROFILES)) {
  test(`${profile.name}: the same client finds what it needs, from metadata to revocation`, async (t) => {
    const { server, clock } = await bench(t, profile);
    const client = await sdkClient(await sdkMetadata(server.baseUrl), DEVICE);
    const session = await client.startDeviceAuthorizationGrant();
    assert.equal(server.deviceCodes.approve(session.user_code, "alice"), "done");
    // It polls at once, which these servers would call too early.
    clock.advance(5_000);
    const login = await client.waitForDeviceAuthorizationGrant(session);
    assert.ok("access_token" in login, JSON.stringify(login));
    const refreshed = await client.performRefreshTokenGrant(login.refresh_token ?? "");
    assert.equal((await whoami(server.baseUrl, refreshed.access_token)).body.device_id, DEVICE);
    await client.revokeToken(refreshed.refresh_token ?? "", "refresh_token");
    clock.advance(profile.homeserver.introspectionCache * 1_000);
    assert.equal((await whoami(server.baseUrl, refreshed.access_token)).status, 401);
  });
}
