import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { createBreakers } from "../../src/broker/process/breakers.ts";
import type { Context } from "../../src/broker/process/context.ts";
import { createRefreshPlaces } from "../../src/broker/process/refresh-places.ts";
import { systemClock } from "../../src/process/clock.ts";
import { startScheduler } from "../../src/scheduler/scheduler.ts";

test("what is due and has no room is not asked for without end", async () => {
  let asked = 0;
  const store = {
    claimDue: async () => {
      asked += 1;
      return [];
    },
    look: async () => ({ nextDue: systemClock.now() - 1_000, configured: 0 }),
  };
  // Of a context the loop itself needs only these.
  const refreshPlaces = createRefreshPlaces(systemClock, () => {});
  const breakers = createBreakers(systemClock);
  const life = { stopping: false };
  const parts = { store, clock: systemClock, background: new Set(), flights: new Map(), refreshPlaces, breakers, life };
  const context = parts as unknown as Context;
  const scheduler = startScheduler(context);
  await setTimeout(300);
  await scheduler.stop();
  assert.ok(asked >= 4 && asked <= 14, `asked ${asked} times in 300 ms`);
});
