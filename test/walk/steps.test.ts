import assert from "node:assert/strict";
import { test } from "node:test";
import { PROFILES } from "../../src/dev/matrix/profiles.ts";
import { MATRIX_CLIENT } from "../../src/providers/matrix-client.ts";
import {
  check,
  discover,
  discoverHistoric,
  finishLink,
  masked,
  poll,
  refresh,
  register,
  requestDevice,
  revoke,
  startLink,
  whoAmI,
} from "../../src/walk/index.ts";
import { empty, json } from "../servers/faults.ts";
import { startServer } from "../servers/watched.ts";
import { textsOf, Walker } from "./walker.ts";

for (const profile of Object.values(PROFILES)) {
  test(`MX-P11 MX-P13 ${profile.name}: steps 1 to 9 succeed with the default body, and the token is dead`, async (t) => {
    const walker = await Walker.at(t, profile);
    const { server } = walker;
    await walker.pass(discover, { homeserver: server.baseUrl });
    await walker.pass(check, {});
    await walker.pass(register, { body: MATRIX_CLIENT });
    await walker.pass(requestDevice, {});
    walker.wait(5);
    assert.match(textsOf(await walker.pass(poll, {})), /authorization_pending/);
    assert.equal(server.deviceCodes.approve(String(walker.state.device?.authorization.userCode), "alice"), "done");
    walker.wait(5);
    await walker.pass(poll, {});
    assert.deepEqual(
      walker.state.device?.polls.map(({ said }) => said),
      ["authorization_pending", "tokens"],
    );
    const who = textsOf(await walker.pass(whoAmI, {}));
    assert.match(
      who,
      /good: Device: [A-Z0-9]{12}, as requested\ngood: Scope: granted as requested\nnote: The account is managed at http:/,
    );
    assert.equal(walker.state.account?.userId, `@alice:${server.serverName}`);
    await walker.pass(refresh, {});
    const accessToken = walker.state.tokens?.current.accessToken;
    const revoked = textsOf(await walker.pass(revoke, {}));
    const proof = profile.homeserver.introspectionCache === 0 ? /refuses the token/ : /refuses the token|still takes/;
    assert.match(revoked, proof);
    assert.deepEqual([walker.state.tokens, walker.state.revoked], [undefined, true]);
    assert.ok(walker.state.account, "what was found out stays");
    walker.wait(180);
    const headers = { authorization: `Bearer ${accessToken}` };
    const { status } = await fetch(`${server.baseUrl}/_matrix/client/v3/account/whoami`, { headers });
    assert.equal(status, 401);
  });

  test(`MX-P10 ${profile.name}: no secret stands in what is shown of any exchange`, async (t) => {
    const walker = await Walker.at(t, profile);
    await walker.signedIn();
    const { state } = walker;
    const secrets = [state.tokens?.current.accessToken, state.tokens?.current.refreshToken];
    secrets.push(state.device?.authorization.deviceCode);
    await walker.pass(whoAmI, {});
    await walker.pass(refresh, {});
    secrets.push(walker.state.tokens?.current.accessToken, walker.state.tokens?.current.refreshToken);
    await walker.pass(revoke, {});
    const all = JSON.stringify(walker.exchanges.map((one) => ({ ...one, masks: {} })));
    const told = JSON.stringify(walker.exchanges.map((one) => masked(one)));
    for (const secret of secrets) {
      assert.ok(secret && all.includes(secret), "the exchange itself has it");
      assert.ok(!told.includes(secret), "what is shown has not");
    }
    assert.match(told, /sha256:[0-9a-f]{8}/);
  });

  test(`MX-P12 ${profile.name}: the old refresh token once more, at once and late`, async (t) => {
    const replayed = async (seconds: number, used: boolean) => {
      const walker = await Walker.at(t, profile);
      await walker.signedIn();
      await walker.pass(refresh, {});
      if (used) await walker.take(whoAmI, {});
      walker.wait(seconds);
      return (await walker.take(refresh, { replay: true })).ok;
    };
    const { kind } = profile.refresh.rotation;
    assert.deepEqual([await replayed(1, false), await replayed(60, true)], [kind !== "strict", false]);
  });

  test(`MX-P12 ${profile.name}: an answer that is lost, and the retry`, async (t) => {
    const walker = await Walker.at(t, profile);
    await walker.signedIn();
    const before = walker.state.tokens;
    const lost = await walker.take(refresh, { lost: true });
    assert.equal(lost.exchanges.at(-1)?.answer?.status, 200);
    assert.match(textsOf(lost), /warning: The answer was lost/);
    assert.equal(lost.exchanges.at(-1)?.simulated, true, "no command does that");
    assert.deepEqual(walker.state.tokens, before);
    assert.equal((await walker.take(refresh, {})).ok, profile.refresh.rotation.kind !== "strict");
  });

  test(`MX-P12 ${profile.name}: a token that is not good any more, and what soft_logout means then`, async (t) => {
    const walker = await Walker.at(t, profile);
    await walker.signedIn();
    const { tokens } = walker.state;
    if (!tokens) throw new Error("no tokens");
    walker.state = { ...walker.state, tokens: { ...tokens, current: { ...tokens.current, accessToken: "gone" } } };
    const done = await walker.take(whoAmI, {});
    assert.deepEqual([done.ok, done.exchanges.at(-1)?.answer?.status], [false, 401]);
    const told = profile.homeserver.softLogout ? "true. The device still exists" : "false. Taken at its word";
    assert.match(textsOf(done), /M_UNKNOWN_TOKEN\n/);
    assert.ok(textsOf(done).includes(`\nnote: soft_logout: ${told}`), textsOf(done));
    assert.match(textsOf(done), /\nnote: Do not decide by soft_logout alone: .* Refresh once/);
  });

  test(`XD-13 ${profile.name}: a page on a host that is none of the server's is told, and not opened`, async (t) => {
    const walker = await Walker.at(t, profile);
    await walker.registered();
    const { found } = walker.state;
    if (!found) throw new Error("nothing was found");
    assert.doesNotMatch(textsOf(await walker.pass(requestDevice, {})), /Check the page before/);
    const metadata = { ...found.metadata, issuer: "https://elsewhere.example/" };
    walker.state = { ...walker.state, found: { ...found, baseUrl: "https://elsewhere.example", metadata } };
    const done = await walker.pass(requestDevice, {});
    assert.match(textsOf(done), /warning: Check the page before you open it: the page to open is on 127\.0\.0\.1/);
    assert.ok(walker.state.device?.pageWarning);
  });

  test(`MX-C1 ${profile.name}: the code flow, with state and challenge`, async (t) => {
    const walker = await Walker.at(t, profile);
    await walker.registered();
    await walker.pass(startLink, { redirectUri: "http://127.0.0.1:8123/callback" });
    const away = await fetch(String(walker.state.link?.url), { redirect: "manual" });
    const callback = String(away.headers.get("location"));
    const forged = await walker.take(finishLink, { callback: callback.replace("state=", "state=x") });
    assert.match(textsOf(forged), /state does not match/);
    const { verifier = "" } = walker.state.link ?? {};
    const done = await walker.pass(finishLink, { callback });
    assert.ok(!JSON.stringify(done.exchanges.map((one) => masked(one))).includes(verifier));
    assert.match(textsOf(await walker.pass(whoAmI, {})), /as requested/);
  });
}

test("MX-P7 the historic lane: issuer, then OpenID discovery, where a server still has it", async (t) => {
  const older = await Walker.at(t, PROFILES["mas-1.22"]);
  const done = await older.pass(discoverHistoric, { homeserver: older.server.baseUrl });
  assert.deepEqual(
    done.exchanges.map(({ url }) => new URL(url).pathname),
    [
      "/_matrix/client/versions",
      "/_matrix/client/unstable/org.matrix.msc2965/auth_issuer",
      "/.well-known/openid-configuration",
    ],
  );
  assert.equal(older.state.found?.spelling, "unstable");
  await older.pass(register, { body: MATRIX_CLIENT });
});

test("FC-93 the historic lane at a server that has left it: the address is named, and since when Synapse has it no more", async (t) => {
  const newer = await Walker.at(t, PROFILES.continuwuity);
  const failure = await newer.take(discoverHistoric, { homeserver: newer.server.baseUrl });
  assert.match(textsOf(failure), /bad: auth_issuer \(GET .*\) does not exist/);
  assert.match(textsOf(failure), /note: Synapse has no auth_issuer since 1\.157/);
});

test("FC-87 a homeserver without OAuth has the right name, and one in trouble may be well again", async (t) => {
  const walker = await Walker.at(t, PROFILES.spec);
  const as = await startServer(t);
  const say = async () => textsOf(await walker.take(discover, { homeserver: as.issuer }));
  as.reply("/_matrix/client/versions", json(200, { versions: ["v1.11"] }));
  as.reply("/_matrix/client/v3/login", json(200, { flows: [{ type: "m.login.password" }] }));
  assert.match(
    await say(),
    /only the older login API: m\.login\.password\nnote: The name is right, and there is nothing/,
  );
  as.reply("/_matrix/client/versions", empty(500));
  assert.match(await say(), /answered with status 500\nnote: This may be temporary: try again\.$/);
});

test("MX-P6 MX-P3 another homeserver clears everything; a step that fails changes nothing", async (t) => {
  const one = await Walker.at(t, PROFILES.spec);
  await one.signedIn();
  const before = one.state;
  const lost = await one.take(discover, { homeserver: `${one.server.baseUrl}/nothing` });
  assert.match(textsOf(lost), /is not a Matrix homeserver: versions/);
  assert.equal(one.state, before);
  const other = await Walker.at(t, PROFILES.tuwunel);
  await one.pass(discover, { homeserver: other.server.baseUrl });
  assert.deepEqual(Object.keys(one.state), ["found"]);
});

test("MX-P1 MX-R2 each broken rule is said, and nothing is sent", async (t) => {
  const walker = await Walker.at(t, PROFILES.spec);
  await walker.pass(discover, { homeserver: walker.server.baseUrl });
  const body = { ...MATRIX_CLIENT, client_uri: "http://localhost/", logo_uri: "https://elsewhere.example/x.png" };
  const refused = await walker.take(register, { body });
  assert.deepEqual([refused.ok, refused.exchanges.length], [false, 0]);
  assert.match(textsOf(refused), /bad: client_uri /);
});

test("MX-P5 a poll too soon lengthens the interval; an expired code ends the polling without a request", async (t) => {
  const walker = await Walker.at(t, PROFILES.spec);
  await walker.registered();
  await walker.pass(requestDevice, {});
  assert.match(textsOf(await walker.pass(poll, {})), /slow_down/);
  assert.equal(walker.state.device?.interval, 10);
  assert.equal(walker.state.device?.nextPollAt, walker.clock.now() + 10_000);
  walker.wait(600);
  const ended = await walker.take(poll, {});
  assert.deepEqual([ended.ok, ended.exchanges.length, walker.state.device?.nextPollAt], [false, 0, undefined]);
  assert.match(textsOf(ended), /expired_token/);
});

test("MX-P3 a person who refuses: what it means, and what comes next", async (t) => {
  const walker = await Walker.at(t, PROFILES["mas-1.22"]);
  await walker.registered();
  await walker.pass(requestDevice, {});
  walker.server.deviceCodes.deny(String(walker.state.device?.authorization.userCode));
  walker.wait(5);
  assert.match(textsOf(await walker.take(poll, {})), /access_denied.*\nnote: The person refused/);
});
