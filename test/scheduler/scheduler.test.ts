import assert from "node:assert/strict";
import { test } from "node:test";
import { Audit } from "../../src/audit/audit.ts";
import { createBreakers } from "../../src/broker/process/breakers.ts";
import type { Context } from "../../src/broker/process/context.ts";
import { createRefreshPlaces } from "../../src/broker/process/refresh-places.ts";
import { startScheduler } from "../../src/scheduler/scheduler.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { turns } from "../support/turns.ts";

test("what is due and has no room is not asked for without end", async () => {
  const clock = new FakeClock();
  let asked = 0;
  const store = {
    claimDue: async () => {
      asked += 1;
      return [];
    },
    look: async () => ({ nextDue: clock.now() - 1_000, configured: 0 }),
  };
  // Of a context the loop itself needs only these.
  const refreshPlaces = createRefreshPlaces(clock, () => {});
  const breakers = createBreakers(clock);
  const life = { stopping: false };
  const audit = new Audit();
  const parts = { store, clock, audit, background: new Set(), flights: new Map(), refreshPlaces, breakers, life };
  const context = parts as unknown as Context;
  const scheduler = startScheduler(context);
  await turns();
  assert.equal(asked, 2, "for refreshes, and for the rest");
  for (let looks = 2; looks <= 4; looks++) {
    clock.advance(99);
    await turns();
    assert.equal(asked, 2 * (looks - 1));
    clock.advance(1);
    await turns();
    assert.equal(asked, 2 * looks, "one look each 100 ms");
  }
  await scheduler.stop();
});
