import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import type { Figures } from "./simulations.ts";

/** Milliseconds: a machine that others use as well is slow, and nothing in here waits for a clock. */
const LONGEST = 3_600_000;

test("M01 M02 whatever happens to the instances, the store, the clock and the provider, no rule is broken", {
  timeout: LONGEST,
}, async (t) => {
  const simulations = new Worker(new URL("simulations.ts", import.meta.url));
  const [message] = await once(simulations, "message");
  const { report, failure, repeated, missed, steps, least }: Figures = message;
  for (const line of report) t.diagnostic(line);
  if (failure) throw failure;
  if (repeated) return;
  assert.deepEqual(missed, [], "never reached");
  assert.ok(steps >= least, `${steps} steps`);
});
