import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import {
  commitThen,
  commitThenHang,
  commitThenReset,
  cutAfter,
  hang,
  html,
  proper,
  reset,
} from "../../src/dev/faults.ts";
import { PROFILES } from "../../src/dev/matrix/profiles.ts";
import type { QuirkServer } from "../../src/dev/matrix/quirk-server.ts";
import type { Fault } from "../../src/dev/misbehaving.ts";
import { DEVICE_CODE, REGISTRATION, SCOPE } from "../dev/matrix/bench.ts";
import { type Coatcheck, startCoatcheck, turns } from "../support/coatcheck.ts";
import { startAfterCrash } from "../support/crash.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { quirkServer } from "../support/quirk-server.ts";

const TOKEN = "/oauth2/token";
const LIFE_MS = PROFILES.spec.refresh.accessLife * 1000;

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
  readonly answer: keyof typeof ANSWERS;
  /** Turns of the event loop after the request until the broker is killed. */
  readonly killedAfter: number | undefined;
  /** Seconds that pass then, before a program reads the token and uses it. */
  readonly usedAfter: number | undefined;
}

const anyRefresh: fc.Arbitrary<Refresh> = fc.record({
  answer: fc.constantFrom(...(Object.keys(ANSWERS) as (keyof typeof ANSWERS)[])),
  killedAfter: fc.option(fc.nat(60), { nil: undefined }),
  usedAfter: fc.option(fc.nat(150), { nil: undefined }),
});

interface World {
  readonly t: TestContext;
  readonly server: QuirkServer;
  broker: Coatcheck;
}

async function world(t: TestContext): Promise<World> {
  const clock = new FakeClock();
  const broker = await startCoatcheck(t, { clock });
  const built: { broker: Coatcheck } = { broker };
  const server = await quirkServer(t, PROFILES.spec, { now: () => built.broker.clock.now() });
  const grants = ["authorization_code", "refresh_token", DEVICE_CODE];
  const { client_id } = server.clients.register(REGISTRATION, grants);
  const login = { clientId: String(client_id), person: "alice", scopes: SCOPE.split(" "), device: "ABCDEFGHIJKL" };
  const { refresh_token } = server.sessions.start(login, true);
  const provider_options = { token_url: server.baseUrl + TOKEN };
  const written = await broker.write("oauth2/servers/home", { provider: "custom", client_id, provider_options });
  assert.equal(written.status, 204, JSON.stringify(written.body));
  assert.equal((await broker.write("oauth2/creds/me", { server: "home", refresh_token })).status, 204);
  return Object.assign(built, { t, server });
}

/** Lets time pass until the next refresh is asked for, and stops just then. */
async function untilAsked({ broker, server }: World): Promise<void> {
  const before = server.to(TOKEN).length;
  for (let passed = 0; passed < 2 * LIFE_MS; passed += 1_000) {
    broker.clock.advance(1_000);
    for (let turn = 0; turn < 30; turn++) {
      await turns(1);
      if (server.to(TOKEN).length > before) return;
    }
  }
  assert.fail("nothing was refreshed");
}

/** What a program does with its token: one call of the homeserver, which makes the pair a used one. */
async function use({ broker, server }: World): Promise<number> {
  const read = await broker.read("oauth2/creds/me");
  const headers = { authorization: `Bearer ${read.body?.data?.access_token}` };
  return (await fetch(`${server.baseUrl}/_matrix/client/v3/account/whoami`, { headers })).status;
}

async function live(now: World, refreshes: readonly Refresh[]): Promise<void> {
  for (const { answer, killedAfter, usedAfter } of refreshes) {
    now.server.reply(TOKEN, ANSWERS[answer], proper());
    await untilAsked(now);
    if (killedAfter !== undefined) {
      await turns(killedAfter);
      now.broker = await startAfterCrash(now.t, now.broker, now.server);
    }
    await now.broker.pass((usedAfter ?? 1) * 1_000, 5_000);
    if (usedAfter !== undefined) await use(now);
  }
}

/** One run with its own servers, closed at its end. */
async function inItsOwn(t: TestContext, run: (t: TestContext) => Promise<void>): Promise<void> {
  let failure: unknown;
  await t.test("a run", (inner) =>
    run(inner).catch((error: unknown) => {
      failure = error;
    }),
  );
  if (failure !== undefined) throw failure;
}

test("MX-F3 lost answers and crashes lose no session where the specification's retry rule is honoured", async (t) => {
  const property = fc.asyncProperty(fc.array(anyRefresh, { minLength: 1, maxLength: 5 }), (refreshes) =>
    inItsOwn(t, async (inner) => {
      const now = await world(inner);
      await live(now, refreshes);
      now.server.behave();
      await now.broker.pass(LIFE_MS, 5_000);
      assert.equal(await use(now), 200);
      assert.equal(now.server.sessions.replays, 0);
    }),
  );
  await fc.assert(property, { numRuns: 25, endOnFailure: true });
});
