import assert from "node:assert/strict";
import { test } from "node:test";
import { abuse } from "./abuse.ts";

/** The short cut of `npm run abuse`: more of everybody than there is room for, and nothing is measured in time. */
test("ST-4 ST-5 ST-6 ST-7 ST-25 a crowd of strangers keeps neither readers nor operators out", async (t) => {
  const { answers, readStatuses, startStatuses, reads } = await abuse(t, {
    idle: 60,
    headers: 30,
    bodies: 20,
    floods: 1,
    guessers: 2,
    homeservers: 4,
    instances: 1,
    addresses: 3,
    lasts: 300,
    rests: 0,
    limits: "connections=50, requests=30",
  });
  assert.ok(reads.length > 10);
  assert.deepEqual([...readStatuses], [200]);
  assert.deepEqual([...startStatuses], [201]);
  const { 413: large = 0, 429: often = 0, ...others } = answers.statuses;
  assert.ok(large > 0, "1 MiB is too much");
  assert.ok(often > 0, "guesses and starts have limits");
  const expected = ["201", "400", "403", "408", "503", "closed"];
  assert.deepEqual(
    Object.keys(others).filter((status) => !expected.includes(status)),
    [],
  );
});
