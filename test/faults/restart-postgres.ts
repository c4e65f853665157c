import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { setTimeout } from "node:timers/promises";
import type { Cluster } from "../servers/postgres.ts";
import { type Fleet, startFleet } from "./fleet.ts";
import { RESOLVED_MS } from "./load.ts";
import { Random } from "./random.ts";

/** From the moment the database takes connections again. Milliseconds. */
const RECOVERED_MS = 5_000;

export interface Restarts {
  readonly postgres: Cluster;
  readonly seed: number;
  readonly restarts: number;
  readonly credentials: number;
}

/** The database is stopped at once (`-m immediate`) and started again, while three instances refresh. */
export async function restartPostgres(t: TestContext, options: Restarts) {
  const random = new Random(options.seed);
  const fleet = await startFleet(t, { ...options, random });
  let slowest = 0;
  for (let restart = 0; restart < options.restarts; restart++) {
    await setTimeout(random.between(500, 3_000));
    await options.postgres.crash();
    slowest = Math.max(slowest, await recovery(fleet));
  }
  await fleet.load.end(RESOLVED_MS);
  const figures = fleet.load.judge();
  assert.equal(figures.lostOnTheWire + figures.replays, 0, "no process died: every answer was stored");
  return { restarts: options.restarts, slowestRecoveryMs: Math.round(slowest), ...figures };
}

/** Until every instance is healthy and a refresh was begun and settled. */
async function recovery({ provider: { ledger }, instances }: Fleet): Promise<number> {
  const ready = performance.now();
  const settled = () => ledger.uses.some(({ at, successor }) => at > ready && successor !== undefined);
  for (;;) {
    const healthy = await Promise.all(instances.map((instance) => instance.isHealthy()));
    const took = performance.now() - ready;
    if (settled() && !healthy.includes(false)) return took;
    assert.ok(took < RECOVERED_MS, `not recovered ${RECOVERED_MS} ms after the database: ${healthy}`);
    await setTimeout(20);
  }
}
