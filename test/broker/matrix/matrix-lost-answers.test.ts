import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import type { Profile } from "../../../src/dev/matrix/profile.ts";
import { PROFILES } from "../../../src/dev/matrix/profiles.ts";
import {
  commitThen,
  commitThenHang,
  commitThenReset,
  cutAfter,
  hang,
  html,
  proper,
  reset,
} from "../../servers/faults.ts";
import { type QuirkServer, quirkServer } from "../../servers/matrix/quirk-server.ts";
import type { Fault } from "../../servers/misbehaving.ts";
import { type Coatcheck, startCoatcheck } from "../../support/coatcheck.ts";
import { startAfterCrash } from "../../support/crash.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { inItsOwn } from "../../support/in-its-own.ts";
import { callApi } from "../../support/matrix/homeserver.ts";
import { DEVICE } from "../../support/misbehaving.ts";
import { passQuietTime } from "../../support/pass.ts";
import { turns } from "../../support/turns.ts";

const TOKEN = "/oauth2/token";
const CREDENTIAL = "oauth2/creds/bot";
const LIFE_MS = 300_000;

/** Ways in which the answer to a refresh can be lost, and one in which it is not. */
const ANSWERS = {
  arrives: proper(),
  "breaks before it is committed": reset,
  "breaks after it was committed": commitThenReset,
  "hangs before it is committed": hang,
  "hangs after it was committed": commitThenHang,
  "is a gateway's 502 after it was committed": commitThen(502),
  "is a gateway's 503 instead": html(503),
  "is cut off": cutAfter(30),
} as const satisfies Readonly<Record<string, Fault>>;

interface Refresh {
  /** Turns of the event loop after the work on it began until the broker is killed: mostly before anything is sent. */
  readonly killedBefore: number | undefined;
  readonly answer: keyof typeof ANSWERS;
  /** Turns of the event loop after the request until the broker is killed. */
  readonly killedAfter: number | undefined;
  /** Seconds that pass then, before a program reads the token and uses it. */
  readonly usedAfter: number | undefined;
}

const anyRefresh: fc.Arbitrary<Refresh> = fc.record({
  killedBefore: fc.option(fc.nat(12), { nil: undefined, freq: 2 }),
  answer: fc.constantFrom(...(Object.keys(ANSWERS) as (keyof typeof ANSWERS)[])),
  killedAfter: fc.option(fc.nat(60), { nil: undefined }),
  usedAfter: fc.option(fc.nat(150), { nil: undefined }),
});

interface World {
  readonly t: TestContext;
  readonly server: QuirkServer;
  broker: Coatcheck;
}

/** A broker that is logged in at a homeserver of this kind. */
async function world(t: TestContext, profile: Profile, rotation: string): Promise<World> {
  const clock = new FakeClock();
  const built = { t, broker: await startCoatcheck(t, { clock, publicUrl: "https://coatcheck.example.com" }) };
  const quick = { ...profile, refresh: { ...profile.refresh, accessLife: LIFE_MS / 1000 } };
  const server = await quirkServer(t, quick, { now: () => built.broker.clock.now() });
  const mx = { provider: "matrix", provider_options: { homeserver: server.baseUrl, rotation } };
  assert.equal((await built.broker.write("oauth2/servers/mx", mx)).status, 204);
  const started = await built.broker.write(CREDENTIAL, { server: "mx", grant_type: DEVICE });
  server.deviceCodes.approve(String(started.body?.data?.user_code), "alice");
  await built.broker.pass(6_000);
  assert.equal((await built.broker.read(CREDENTIAL)).status, 200);
  return Object.assign(built, { server });
}

/** Lets time pass until the next refresh is asked for, and stops just then; false when none is. */
async function untilAsked({ broker, server }: World): Promise<boolean> {
  const before = server.to(TOKEN).length;
  await passQuietTime(broker, LIFE_MS);
  if (server.to(TOKEN).length > before) return true;
  for (let passed = 0; passed < 2 * LIFE_MS; passed += 1_000) {
    broker.clock.advance(1_000);
    for (let turn = 0; turn < 30; turn++) {
      await turns(1);
      if (server.to(TOKEN).length > before) return true;
    }
  }
  return false;
}

/** Lets time pass until the broker begins to work on the refresh: it is claimed, or about to be. */
async function untilBegun({ broker }: World): Promise<void> {
  await passQuietTime(broker, LIFE_MS);
  for (let passed = 0; passed < 2 * LIFE_MS; passed += 1_000) {
    broker.clock.advance(1_000);
    for (let turn = 0; turn < 10; turn++) {
      await turns(1);
      if (broker.running.underWay() > 0) return;
    }
  }
}

/** What a program does with its token: one call of the homeserver, which makes the pair a used one. */
async function use({ broker, server }: World): Promise<number> {
  const read = await broker.read(CREDENTIAL);
  return (await callApi(server.baseUrl, "account/whoami", read.body?.data?.access_token)).status;
}

async function live(now: World, refreshes: readonly Refresh[]): Promise<void> {
  for (const { answer, killedBefore, killedAfter, usedAfter } of refreshes) {
    now.server.reply(TOKEN, ANSWERS[answer], proper());
    if (killedBefore !== undefined) {
      await untilBegun(now);
      await turns(killedBefore);
      now.broker = await startAfterCrash(now.t, now.broker, now.server);
    }
    if (!(await untilAsked(now))) break;
    if (killedAfter !== undefined) {
      await turns(killedAfter);
      now.broker = await startAfterCrash(now.t, now.broker, now.server);
    }
    await pass(now, usedAfter ?? 1);
    if (usedAfter !== undefined) await use(now);
  }
  now.server.behave();
  await pass(now, LIFE_MS / 1_000);
}

/** Seconds, the first ones in small steps: there an answer that was lost is asked for again. */
async function pass({ broker }: World, seconds: number): Promise<void> {
  const first = Math.min(seconds, 20);
  await broker.pass(first * 1_000);
  await broker.pass((seconds - first) * 1_000);
}

/**
 * One lost answer at a time, and nobody is killed: a lease outlives a grace, and of two requests without answer nobody knows
 * which one began it.
 */
const oneAtATime = anyRefresh.map(
  ({ answer, usedAfter = 0 }): Refresh => ({
    answer,
    killedBefore: undefined,
    killedAfter: undefined,
    usedAfter: 20 + usedAfter,
  }),
);

/** Where nothing may be lost, whatever happens. */
for (const [profile, rotation, refreshes, runs] of [
  [PROFILES.spec, "strict", anyRefresh, 8],
  [PROFILES["mas-1.22"], "until-successor-used", anyRefresh, 8],
  [PROFILES.tuwunel, "grace:15", oneAtATime, 6],
] as const) {
  test(`MX-F3 ${profile.name}: lost answers and crashes lose no session`, async (t) => {
    const property = fc.asyncProperty(fc.array(refreshes, { minLength: 1, maxLength: 5 }), (all) =>
      inItsOwn(t, async (inner) => {
        const now = await world(inner, profile, rotation);
        await live(now, all);
        assert.equal(await use(now), 200);
        assert.equal(now.server.sessions.replays, 0);
      }),
    );
    await fc.assert(property, { numRuns: runs, endOnFailure: true });
  });
}

/** Where a lost answer can be the end. */
for (const [profile, rotation] of [
  [PROFILES.tuwunel, "grace:15"],
  [PROFILES.continuwuity, "strict"],
] as const) {
  test(`MX-F3 ${profile.name}: a session that lost answers and crashes have ended is said to be lost`, async (t) => {
    const property = fc.asyncProperty(fc.array(anyRefresh, { minLength: 1, maxLength: 4 }), (all) =>
      inItsOwn(t, async (inner) => {
        const now = await world(inner, profile, rotation);
        await live(now, all);
        const { status, body } = await now.broker.read(CREDENTIAL);
        if (status === 200) assert.equal(await use(now), 200);
        else assert.deepEqual([status, body?.data?.reason], [400, "lost_in_rotation"]);
      }),
    );
    await fc.assert(property, { numRuns: 5, endOnFailure: true });
  });
}
