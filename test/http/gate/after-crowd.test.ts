import assert from "node:assert/strict";
import { test } from "node:test";
import { AfterCrowd } from "../../../src/http/gate/after-crowd.ts";
import { giveMemoryBack } from "../../../src/process/memory.ts";
import { FakeClock } from "../../support/fake-clock.ts";

test("ST-6 memory is given back once, when a crowd has gone for a while", () => {
  const clock = new FakeClock();
  let times = 0;
  const after = new AfterCrowd(clock, () => {
    times += 1;
  });
  for (const count of [999, 0]) after.here(count);
  clock.advance(60_000);
  assert.equal(times, 0, "so few are no crowd");
  for (const count of [4_000, 1_000]) after.here(count);
  clock.advance(9_000);
  after.here(1_001);
  clock.advance(60_000);
  assert.equal(times, 0, "they come again");
  for (const count of [900, 800]) after.here(count);
  clock.advance(10_000);
  assert.equal(times, 1);
  after.here(700);
  clock.advance(60_000);
  assert.equal(times, 1, "it was one crowd");
});

test("ST-6 what V8 keeps of a heap that was larger is given back to the system", () => {
  let many: object[] | undefined = Array.from({ length: 1_000_000 }, (_, index) => ({ index }));
  assert.equal(many.length, 1_000_000);
  const before = process.memoryUsage().heapTotal;
  many = undefined;
  giveMemoryBack();
  const { heapTotal } = process.memoryUsage();
  assert.ok(heapTotal < before - 10_000_000, `${before} → ${heapTotal} bytes`);
});
