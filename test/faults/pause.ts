import type { TestContext } from "node:test";
import { setTimeout } from "node:timers/promises";
import type { Cluster } from "../servers/postgres.ts";
import { startFleet } from "./fleet.ts";
import type { Rotation } from "./issuers.ts";
import { RESOLVED_MS } from "./load.ts";
import { randomMoment, settleProvider } from "./provider.ts";
import { Random } from "./random.ts";

/** Longer than a lease of 20 s. Milliseconds. */
const STANDS_MS = 26_000;

/** What a process that woke up does with what it had in hand is done after this. Milliseconds. */
const AWAKE_MS = 3_000;

export interface Pauses {
  readonly postgres: Cluster;
  readonly seed: number;
  readonly rotation?: Rotation;
  readonly pauses: number;
  readonly credentials: number;
}

/** C03: one of three instances stands still (SIGSTOP) for longer than its leases, and goes on. */
export async function pauseInstance(t: TestContext, options: Pauses) {
  const random = new Random(options.seed);
  const { provider, instances, load, examine } = await startFleet(t, { ...options, random });
  let inDoubt = 0;
  for (let pause = 0; pause < options.pauses; pause++) {
    await randomMoment(provider, random);
    const victim = random.pick(instances);
    const stoodAt = performance.now();
    victim.stand();
    await settleProvider(provider);
    const doubtful = await examine(stoodAt);
    inDoubt += doubtful.length;
    await load.resolve(doubtful, RESOLVED_MS);
    await setTimeout(Math.max(0, stoodAt + STANDS_MS - performance.now()));
    victim.goOn();
    await setTimeout(AWAKE_MS);
  }
  await load.end(RESOLVED_MS);
  const lateAnswersKept = instances.reduce((sum, instance) => sum + instance.logged("late_answer_kept"), 0);
  return { pauses: options.pauses, inDoubt, lateAnswersKept, ...load.judge() };
}
