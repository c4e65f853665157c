import type { TestContext } from "node:test";
import type { Cluster } from "../support/postgres.ts";
import { startFleet } from "./fleet.ts";
import { RESOLVED_MS } from "./load.ts";
import { randomMoment, settleProvider } from "./provider.ts";
import { Random } from "./random.ts";

export interface FleetKills {
  readonly postgres: Cluster;
  readonly seed: number;
  readonly rounds: number;
  readonly killsPerRound: number;
  readonly credentials: number;
  /** Wait until the leases of the dead end, or end them by hand. */
  readonly leases: "wait" | "end";
}

/** D04: `kill -9` of three instances on one database, killed and started at random moments. */
export async function killPostgres(t: TestContext, options: FleetKills) {
  const random = new Random(options.seed);
  const { provider, instances, load, examine, endLeases } = await startFleet(t, { ...options, random });
  let inDoubt = 0;
  for (let round = 0; round < options.rounds; round++) {
    const doubtful = new Set<string>();
    for (let kill = 0; kill < options.killsPerRound; kill++) {
      await randomMoment(provider, random);
      const victim = random.pick(instances.filter(({ runs }) => runs));
      const diedAt = performance.now();
      await victim.end("SIGKILL");
      await settleProvider();
      for (const name of await examine(diedAt)) doubtful.add(name);
      const down = instances.filter(({ runs }) => !runs);
      if (down.length === instances.length || random.next() < 0.7) await random.pick(down).start();
    }
    inDoubt += doubtful.size;
    if (options.leases === "end") await endLeases();
    for (const instance of instances.filter(({ runs }) => !runs)) await instance.start();
    await load.resolve([...doubtful], RESOLVED_MS);
  }
  await load.end(RESOLVED_MS);
  return { kills: options.rounds * options.killsPerRound, inDoubt, ...load.judge() };
}
