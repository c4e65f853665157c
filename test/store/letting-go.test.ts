import assert from "node:assert/strict";
import { test } from "node:test";
import { LettingGo } from "../../src/store/postgres/letting-go.ts";
import { FakeClock } from "../support/fake-clock.ts";

/** Whether a removal of `gone` is answered, asked after everything that is ready has run. */
function watched(change: Promise<boolean>): () => Promise<boolean> {
  let isAnswered = false;
  void change.then(() => {
    isAnswered = true;
  });
  return async () => {
    await new Promise((resolve) => setImmediate(resolve));
    return isAnswered;
  };
}

test("ST-62 an instance that begins to listen while it takes something away is not counted in place of another", async () => {
  const clock = new FakeClock();
  let own = 0;
  const lettingGo = new LettingGo(clock, () => own);
  const counted = Promise.withResolvers<void>();
  const change = lettingGo.after(async (takes) => {
    takes("row");
    await counted.promise;
    return { done: true, hearing: 1 };
  });
  const isAnswered = watched(change);
  own = 1;
  counted.resolve();
  assert.equal(await isAnswered(), false, "the other has not let go");
  lettingGo.heard("row");
  assert.equal(await isAnswered(), true);
  assert.equal(await change, true);
});

test("ST-62 one that hangs is waited for a second", async () => {
  const clock = new FakeClock();
  const lettingGo = new LettingGo(clock, () => 1);
  const change = lettingGo.after(async (takes) => {
    takes("row");
    return { done: true, hearing: 2 };
  });
  const isAnswered = watched(change);
  assert.equal(await isAnswered(), false);
  clock.advance(1_000);
  assert.equal(await isAnswered(), true);
});
