import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { QUIRKS, type Quirk, SIMULATOR_PATH } from "../../src/api/walk.ts";
import { PROFILES } from "../../src/dev/matrix/profiles.ts";
import { MATRIX_CLIENT } from "../../src/providers/matrix-client.ts";
import { check, discover, poll, refresh, register, requestDevice, whoAmI } from "../../src/walk/index.ts";
import { textsOf, Walker } from "./walker.ts";

async function tell(walker: Walker, change: object): Promise<unknown> {
  const init = { method: "POST", body: JSON.stringify(change) };
  return (await fetch(walker.server.baseUrl + SIMULATOR_PATH, init)).json();
}

async function quirky(t: TestContext, quirk: Quirk, kind: keyof typeof PROFILES = "spec"): Promise<Walker> {
  const walker = await Walker.at(t, PROFILES[kind]);
  await tell(walker, { quirks: [quirk, "none such"] });
  return walker;
}

/** What somebody sees of each quirk at the first step that it changes. */
const SEEN: Readonly<Record<Quirk, (t: TestContext, quirk: Quirk) => Promise<void>>> = {
  no_device_grant: async (t, quirk) => {
    const walker = await quirky(t, quirk);
    await walker.pass(discover, { homeserver: walker.server.baseUrl });
    assert.match(textsOf(await walker.pass(check, {})), /does not offer the device grant: use the code flow/);
  },
  device_grant_refused: async (t, quirk) => {
    const walker = await quirky(t, quirk);
    await walker.pass(discover, { homeserver: walker.server.baseUrl });
    assert.match(textsOf(await walker.pass(check, {})), /offers the device grant: http/);
    assert.match(
      textsOf(await walker.pass(register, { body: MATRIX_CLIENT })),
      /grant_types: requested .*, registered/,
    );
    assert.match(textsOf(await walker.take(requestDevice, {})), /bad: .*invalid_request/);
  },
  no_complete_uri: async (t, quirk) => {
    const walker = await quirky(t, quirk);
    await walker.registered();
    await walker.pass(requestDevice, {});
    assert.equal(walker.state.device?.authorization.verificationUriComplete, undefined);
  },
  slow_down: async (t, quirk) => {
    const walker = await quirky(t, quirk, "mas-1.22");
    await walker.registered();
    await walker.pass(requestDevice, {});
    walker.wait(5);
    assert.match(textsOf(await walker.pass(poll, {})), /slow_down: That poll came too soon/);
    walker.wait(10);
    assert.match(textsOf(await walker.pass(poll, {})), /authorization_pending/);
    assert.deepEqual(
      walker.state.device?.polls.map(({ interval }) => interval),
      [10, 10],
    );
  },
  expired_code: async (t, quirk) => {
    const walker = await quirky(t, quirk);
    await walker.registered();
    await walker.pass(requestDevice, {});
    walker.wait(10);
    assert.match(textsOf(await walker.take(poll, {})), /bad: expired_token\nnote: The code has expired/);
  },
  short_tokens: async (t, quirk) => {
    const walker = await quirky(t, quirk, "tuwunel");
    await walker.signedIn();
    walker.wait(10);
    assert.match(textsOf(await walker.take(whoAmI, {})), /M_UNKNOWN_TOKEN[\s\S]*soft_logout: true/);
    await walker.pass(refresh, {});
    await walker.pass(whoAmI, {});
  },
  lost_answer: async (t, quirk) => {
    const walker = await quirky(t, quirk);
    await walker.signedIn();
    const lost = await walker.take(refresh, {});
    assert.deepEqual([lost.ok, lost.exchanges.at(-1)?.answer?.status], [false, 502]);
    await walker.pass(refresh, {});
  },
  strict_rotation: async (t, quirk) => {
    const walker = await quirky(t, quirk);
    await walker.signedIn();
    await walker.pass(refresh, {});
    assert.match(textsOf(await walker.take(refresh, { replay: true })), /invalid_grant/);
  },
  flipped_soft_logout: async (t, quirk) => {
    for (const [kind, value] of [
      ["mas-1.22", "true"],
      ["continuwuity", "false"],
    ] as const) {
      const walker = await quirky(t, quirk, kind);
      await walker.signedIn();
      await tell(walker, { event: "expire" });
      assert.match(textsOf(await walker.take(whoAmI, {})), new RegExp(`soft_logout: ${value}\\.`));
    }
  },
  account_locked: async (t, quirk) => {
    const walker = await quirky(t, quirk);
    await walker.signedIn();
    assert.match(textsOf(await walker.take(whoAmI, {})), /M_USER_LOCKED\nnote: The account is locked/);
  },
};

for (const quirk of QUIRKS)
  test(`MX-P15 a simulated homeserver that is made to do it: ${quirk}`, (t) => SEEN[quirk](t, quirk));

test("MX-P15 what was switched off is as before, and a switch that is none changes nothing", async (t) => {
  const walker = await quirky(t, "no_device_grant");
  assert.deepEqual(await tell(walker, { quirks: [] }), { quirks: [] });
  assert.deepEqual(await tell(walker, { quirks: "all" }), { quirks: [] });
  await walker.signedIn();
});

for (const kind of ["spec", "mas-1.22", "tuwunel", "continuwuity"] as const) {
  test(`MX-P12 ${kind}: an access token that expired comes back by a refresh, a device that was signed out does not`, async (t) => {
    const walker = await Walker.at(t, PROFILES[kind]);
    await walker.signedIn();
    await walker.pass(whoAmI, {});
    await tell(walker, { event: "expire" });
    assert.match(textsOf(await walker.take(whoAmI, {})), /M_UNKNOWN_TOKEN/);
    await walker.pass(refresh, {});
    await walker.pass(whoAmI, {});
    await tell(walker, { event: "log_out" });
    assert.match(textsOf(await walker.take(whoAmI, {})), /M_UNKNOWN_TOKEN/);
    assert.match(textsOf(await walker.take(refresh, {})), /invalid_grant/);
  });
}
