import assert from "node:assert/strict";
import { test } from "node:test";
import { runChecks } from "./checks.ts";
import { placesFor } from "./runtimes.ts";

test("fetch: what is tried in Deno and Bun by npm run try:runtimes holds in Node too", async (t) => {
  const { places, refreshes } = await placesFor(t);
  assert.ok((await runChecks(places)).length > 0);
  assert.equal(refreshes(), 1);
});
