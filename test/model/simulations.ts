import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parentPort } from "node:worker_threads";
import fc from "fast-check";
import { openSqliteStore } from "../../src/store/sqlite/store.ts";
import { FAST } from "../support/temporary-folder.ts";
import { type Happening, happening, type Setting, setting } from "./events.ts";
import type { Seen } from "./observer.ts";
import { requireHealed } from "./outcome.ts";
import { seedCrypto } from "./seeded-crypto.ts";
import { World } from "./world.ts";

/**
 * What model.test.ts runs, in a thread of its own: the test runner follows every promise of its thread, which is a third of
 * the time there.
 */

/** MODEL_SEED draws other runs, MODEL_RUNS more of them; MODEL_PATH (of a failure) repeats one, MODEL_TRACE=1 tells its story. */
const { MODEL_SEED = "8", MODEL_RUNS = "19", MODEL_PATH } = process.env;

/** Happenings in a run. */
const LENGTH = 500;

/** What the runs must have reached, or the model has lost sight of it. */
const SOMETIMES = [
  "attempt in_doubt",
  "attempt recovered",
  "escrow applied",
  "rescue written",
  "rescued",
  "late_answer_kept",
  "sibling kept",
  "ended lost_in_rotation",
  "ended invalid_grant",
  "ended outcome_unknown",
  "breaker open",
  "late answer revoked",
  "redemption_recovered",
  "redemption_unknown",
  "deleted",
  "webhook_delivered",
  "webhook_failed",
];

export interface Figures {
  /** For a person. */
  readonly report: readonly string[];
  /** What was never reached. */
  readonly missed: readonly string[];
  readonly steps: number;
  /** Of them, for the runs to be worth anything. */
  readonly least: number;
  /** A rule was broken. */
  readonly failure?: Error;
  /** One run was repeated, so that nothing else is wanted of it. */
  readonly repeated: boolean;
}

const seen: Seen = new Map();
let [runs, steps] = [0, 0];

async function simulate(chosen: Setting, happenings: readonly Happening[], folder: string): Promise<void> {
  seedCrypto(chosen.seed);
  runs += 1;
  const place = join(folder, String(runs));
  const world = new World(chosen, place, seen);
  const store = await openSqliteStore({ path: join(place, "coatcheck.db"), clock: world.storeClock });
  try {
    await world.open(store);
    for (const one of happenings) await world.happen(one);
    await requireHealed(world);
    await world.requireTold(store);
  } finally {
    steps += world.timeline.happened;
    await store.close();
    rmSync(place, { recursive: true, force: true });
  }
}

const MOST_ROUNDS = 4;

/** The least that a change must stand. */
const LEAST_STEPS = 100_000;

const missed = () => SOMETIMES.filter((what) => !seen.has(what));

async function simulateAll(folder: string): Promise<void> {
  const happenings = fc.array(happening, { minLength: LENGTH, maxLength: LENGTH });
  const property = fc.asyncProperty(setting, happenings, (chosen, drawn) => simulate(chosen, drawn, folder));
  const repeated = MODEL_PATH === undefined ? {} : { path: MODEL_PATH, numRuns: 1 };
  // A change of the product moves every run; what is reached seldom, and enough steps, are waited for with the next seeds.
  for (let round = 0; round === 0 || (round < MOST_ROUNDS && (missed().length > 0 || steps < LEAST_STEPS)); round++) {
    const parameters = { seed: Number(MODEL_SEED) + round, numRuns: Number(MODEL_RUNS), endOnFailure: true };
    await fc.assert(property, { ...parameters, ...repeated });
    if (MODEL_PATH !== undefined) return;
  }
}

function figures(failure?: Error): Figures {
  return {
    report: [
      `MODEL_SEED=${MODEL_SEED}: ${runs} runs, ${runs * LENGTH} happenings, ${steps} steps`,
      [...seen].map(([what, times]) => `${what} ${times}`).join(", "),
    ],
    missed: missed(),
    least: LEAST_STEPS,
    steps,
    repeated: MODEL_PATH !== undefined,
    ...(failure && { failure }),
  };
}

// The model reads and writes a lot, and no power is cut here: memory where there is some.
const folder = mkdtempSync(join(FAST, "coatcheck-model-"));
try {
  await simulateAll(folder);
  parentPort?.postMessage(figures());
} catch (error) {
  parentPort?.postMessage(figures(error instanceof Error ? error : new Error(String(error))));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
