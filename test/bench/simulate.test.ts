import assert from "node:assert/strict";
import { test } from "node:test";
import { type Scene, simulate } from "../../scripts/simulate/simulation.ts";
import { Soonest } from "../../scripts/simulate/soonest.ts";

/** Of a token. Milliseconds. */
const LIFE = 360_000;

/** Spread evenly, the same each time. */
function even(): () => number {
  let count = 0;
  return () => (count++ * 0.618_033_988_75) % 1;
}

/** One process with eight places, whose refreshes take a second, and are due 270 s after the last: enough for 2,160 credentials. */
const SCENE: Scene = {
  ...{ credentials: 0, processes: 1, isOneProvider: false, takes: 1_000, life: LIFE, issuedWithin: LIFE },
  told: [3 * LIFE, 5 * LIFE],
};

test("simulated refreshing keeps to the broker's due times and places: in time below what it can, late above, and more processes help", () => {
  const half = simulate({ ...SCENE, credentials: 1_080 }, even());
  assert.equal(half.tooLate, 0);
  assert.ok(half.p99 < 5_000 && half.busy > 0.45 && half.busy < 0.55, JSON.stringify(half));
  const more = simulate({ ...SCENE, credentials: 3_240 }, even());
  assert.ok(more.tooLate > more.refreshes / 2 && more.busy > 0.95, JSON.stringify(more));
  const two = simulate({ ...SCENE, credentials: 3_240, processes: 2 }, even());
  assert.equal(two.tooLate, 0);
  const oneProvider = simulate({ ...SCENE, credentials: 1_890, isOneProvider: true }, even());
  assert.ok(oneProvider.busy > 0.95 && oneProvider.p50 > 10_000, `six places of eight: ${JSON.stringify(oneProvider)}`);
});

test("a simulated outage is caught up with; tokens that were all issued at once are refreshed late", () => {
  const credentials = 1_080;
  const away = simulate({ ...SCENE, credentials, outage: [3 * LIFE, 3 * LIFE + 30_000] }, even());
  assert.ok(away.lastLate !== undefined && away.lastLate < 4 * LIFE && away.tooLate === 0, JSON.stringify(away));
  const wave = simulate({ ...SCENE, credentials, issuedWithin: 1_000, told: [0, LIFE] }, even());
  assert.ok(wave.tooLate > 0 && wave.p99 > 60_000, JSON.stringify(wave));
});

test("the soonest is taken first", () => {
  const queue = new Soonest(5);
  for (const [number, key] of [3, 1, 2, 1, 0].entries()) queue.add(number, key);
  const taken = Array.from({ length: 3 }, () => queue.take());
  assert.deepEqual([taken[0], new Set(taken.slice(1)), queue.least], [4, new Set([1, 3]), 2]);
  queue.add(4, 9);
  assert.deepEqual(
    [queue.take(), queue.take(), queue.take(), queue.size, queue.least],
    [2, 0, 4, 0, Number.POSITIVE_INFINITY],
  );
});
