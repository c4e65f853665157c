import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { Cluster } from "../servers/postgres.ts";
import { startFleet } from "./fleet.ts";
import { RESOLVED_MS } from "./load.ts";
import { randomMoment, settleProvider } from "./provider.ts";
import { Random } from "./random.ts";

export interface FleetKills {
  readonly postgres: Cluster;
  readonly seed: number;
  /** Ends after so many rounds and so many refreshes. */
  readonly rounds: number;
  readonly refreshes: number;
  readonly killsPerRound: number;
  readonly credentials: number;
  /** How an instance ends, drawn anew each time. */
  readonly by: readonly ("SIGKILL" | "SIGTERM")[];
  /** Wait until the leases of the dead end, or end them by hand. */
  readonly leases: "wait" | "end";
}

/** D04: three instances on one database, ended and started at random moments. */
export async function killPostgres(t: TestContext, options: FleetKills) {
  const random = new Random(options.seed);
  const { provider, instances, load, examine, endLeases } = await startFleet(t, { ...options, random });
  const ended = { SIGKILL: 0, SIGTERM: 0 };
  let inDoubt = 0;
  for (let round = 0; round < options.rounds || provider.ledger.rotations < options.refreshes; round++) {
    const doubtful = new Set<string>();
    for (let kill = 0; kill < options.killsPerRound; kill++) {
      await randomMoment(provider, random);
      const victim = random.pick(instances.filter(({ runs }) => runs));
      const by = random.pick(options.by);
      ended[by] += 1;
      const diedAt = performance.now();
      await victim.end(by);
      await settleProvider(provider);
      const left = await examine(diedAt, by === "SIGTERM");
      assert.ok(by === "SIGKILL" || left.length === 0, `SIGTERM left ${left} in doubt`);
      for (const name of left) doubtful.add(name);
      const down = instances.filter(({ runs }) => !runs);
      if (down.length === instances.length || random.next() < 0.7) await random.pick(down).start();
    }
    inDoubt += doubtful.size;
    if (options.leases === "end") await endLeases();
    for (const instance of instances.filter(({ runs }) => !runs)) await instance.start();
    await load.resolve([...doubtful], RESOLVED_MS);
  }
  await load.end(RESOLVED_MS);
  return { kills: ended.SIGKILL, stops: ended.SIGTERM, inDoubt, ...load.judge() };
}
