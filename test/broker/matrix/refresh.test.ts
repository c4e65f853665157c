import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { PROFILES } from "../../../src/dev/matrix/profiles.ts";
import { commitThenHang, commitThenReset, oauthError } from "../../servers/faults.ts";
import { startCoatcheck } from "../../support/coatcheck.ts";
import { eventually } from "../../support/eventually.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { type ProfilePair, startProfile } from "../../support/matrix/profile-pair.ts";
import { dataFolder } from "../../support/temporary-folder.ts";

const TOKEN = "/oauth2/token";
const refreshes = ({ homeserver }: ProfilePair) =>
  homeserver.to(TOKEN).filter(({ form }) => form.get("grant_type") === "refresh_token");

/** Until the first refresh has been sent, and no second longer; answers when the first access token ends. */
async function untilRefresh(pair: ProfilePair): Promise<number> {
  const expiresAt = Date.parse(String((await pair.read("oauth2/creds/bot")).body?.data?.expire_time));
  const leap = expiresAt - pair.clock.now() - 400_000;
  if (leap > 0) await pair.pass(leap);
  await pair.passUntil("a refresh", () => refreshes(pair).length > 0);
  return expiresAt;
}

test("MX-F1 a refresh names the client and no scope", async (t) => {
  const pair = await startProfile(t, PROFILES["mas-1.22"]);
  await pair.loggedIn();
  await untilRefresh(pair);
  const form = refreshes(pair)[0]?.form;
  assert.deepEqual([...(form?.keys() ?? [])].sort(), ["client_id", "grant_type", "refresh_token"]);
});

test("FC-90 a homeserver that forgot the client of a login: said, once confirmed, and what helps", async (t) => {
  const pair = await startProfile(t, PROFILES["mas-1.22"]);
  await pair.loggedIn();
  pair.homeserver.reply(TOKEN, oauthError("invalid_client", 401));
  const expiresAt = await untilRefresh(pair);
  assert.equal((await pair.read("oauth2/creds/bot")).status, 200, "once may be a mistake");
  await pair.passUntil("it is confirmed", () => refreshes(pair).length === 2);
  await pair.pass(expiresAt - pair.clock.now());
  const { status, body } = await pair.read("oauth2/creds/bot");
  assert.deepEqual([status, body?.data?.reason, body?.data?.provider_error], [400, "invalid_grant", "invalid_client"]);
  assert.match(
    String(body?.errors?.[0]),
    /forgot the client that was registered for this login: sign in again; a new login may/,
  );
  assert.equal(refreshes(pair).length, 2);
});

test("MX-08 MX-F4 until-successor-used: a lost answer is asked for again, and nobody has used the new token before", async (t) => {
  const pair = await startProfile(t, PROFILES["mas-1.22"], { rotation: "until-successor-used" });
  await pair.loggedIn();
  const whoami = pair.homeserver.to("/_matrix/client/v3/account/whoami").length;
  pair.homeserver.reply(TOKEN, commitThenReset);
  await untilRefresh(pair);
  pair.homeserver.behave(TOKEN);
  await pair.pass(10_000);
  const read = await pair.read("oauth2/creds/bot");
  assert.equal(read.status, 200);
  assert.equal(await pair.accepts(read.body?.data?.access_token), true);
  assert.equal(pair.homeserver.sessions.replays, 0);
  assert.equal(
    pair.homeserver.to("/_matrix/client/v3/account/whoami").length,
    whoami + 1,
    "MX-W3: only the test asked",
  );
});

for (const fault of [commitThenReset, commitThenHang]) {
  test(`MX-F3 grace(15): a lost answer (${fault.name}) is asked for again within the grace`, async (t) => {
    const pair = await startProfile(t, PROFILES.tuwunel, { rotation: "grace:15" });
    await pair.loggedIn();
    pair.homeserver.reply(TOKEN, fault);
    await untilRefresh(pair);
    const [first] = refreshes(pair);
    pair.homeserver.behave(TOKEN);
    await pair.pass(15_000);
    const again = refreshes(pair).at(-1);
    assert.ok((again?.at ?? Number.POSITIVE_INFINITY) - (first?.at ?? 0) <= 15_000, "MX-F3");
    assert.equal(pair.homeserver.sessions.replays, 0);
    const read = await pair.read("oauth2/creds/bot");
    assert.equal(await pair.accepts(read.body?.data?.access_token), true);
  });
}

test("MX-F3 grace(15) missed: nothing is sent again while the old access token lives, and the login is not lost", async (t) => {
  const pair = await startProfile(t, PROFILES.tuwunel, { rotation: "grace:15" });
  await pair.loggedIn();
  pair.homeserver.reply(TOKEN, oauthError("server_error", 500));
  const expiresAt = await untilRefresh(pair);
  await pair.pass(20_000);
  const sent = refreshes(pair).length;
  const left = expiresAt - pair.clock.now();
  assert.ok(left > 40_000, `${left} ms are left`);
  await pair.pass(left - 2_000);
  assert.equal(refreshes(pair).length, sent);
  const read = await pair.read("oauth2/creds/bot");
  assert.equal(read.status, 200, "FC-89: it is good to its end");
  await pair.pass(3_000);
  const late = await pair.read("oauth2/creds/bot");
  assert.equal(late.status, 503);
  assert.match(late.body?.errors?.[0] ?? "", /token expired/);
  pair.homeserver.behave(TOKEN);
  await pair.pass(30_000);
  assert.equal((await pair.read("oauth2/creds/bot")).status, 200);
  assert.equal(pair.homeserver.sessions.replays, 0);
});

test("MX-F3 grace(15): what a killed process may have sent is not sent again while the access token lives", async (t) => {
  const pair = await startProfile(t, PROFILES.tuwunel, { rotation: "grace:15" });
  const first = await pair.loggedIn();
  pair.homeserver.reply(TOKEN, commitThenHang);
  const expiresAt = await untilRefresh(pair);
  const data = join(dataFolder(t), "image");
  cpSync(pair.data, data, { recursive: true, filter: (path) => !/(\.lock|-shm)$/.test(path) });
  for (const response of pair.homeserver.holding) response.destroy();
  await eventually("its connections end", () => pair.homeserver.holding.size === 0);
  pair.homeserver.behave(TOKEN);
  const next = await startCoatcheck(t, { clock: new FakeClock(pair.clock.now()), data });
  const sent = refreshes(pair).length;
  await next.pass(60_000);
  const left = expiresAt - next.clock.now();
  assert.ok(left > 0, `${left} ms are left`);
  assert.equal(refreshes(pair).length, sent);
  assert.equal((await next.read("oauth2/creds/bot")).body?.data?.access_token, first.body?.data?.access_token);
});
