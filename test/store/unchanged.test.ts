import assert from "node:assert/strict";
import { test } from "node:test";
import type { Revisions, Row } from "../../src/store/port.ts";
import { type Confirmed, Unchanged } from "../../src/store/unchanged.ts";
import { row } from "../contract/store.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { turns } from "../support/turns.ts";

function stored(): Row {
  return { ...row(), revision: 1, claim: null, claimUntil: null, intent: null, escrow: null };
}

function start(revisions: (ids: readonly string[]) => Promise<Revisions>) {
  const clock = new FakeClock();
  const unchanged = new Unchanged({ clock, revisions, drop: () => {} });
  unchanged.hears(true);
  const read = (): Confirmed => {
    const askedAt = clock.monotonic();
    unchanged.looked(askedAt, 1);
    return { row: stored(), at: clock.now(), askedAt, configured: 1 };
  };
  return { clock, unchanged, read };
}

test("what was read and is not asked for again in time is neither kept nor looked at", async () => {
  const asked: string[] = [];
  const { clock, unchanged, read } = start(async (ids) => {
    asked.push(...ids);
    return { revisions: new Map(ids.map((id) => [id, 1])), configured: 1 };
  });
  for (let count = 0; count < 100; count++) {
    assert.ok(unchanged.isCurrent(read()));
    await clock.advance(2_000);
  }
  const last = read();
  await clock.advance(600);
  assert.ok(unchanged.isCurrent(last));
  await turns();
  assert.deepEqual(asked, [last.row?.id]);
});

test("a store that answers a look with an error tells it to whoever asks next, and ends nothing else", async () => {
  let count = 0;
  const { clock, unchanged, read } = start(async () => {
    count += 1;
    throw new Error("an error that nobody knows");
  });
  for (const looks of [1, 2]) {
    const known = read();
    await clock.advance(600);
    assert.ok(unchanged.isCurrent(known));
    await turns();
    assert.equal(count, looks);
    await clock.advance(600);
    assert.ok(!unchanged.isCurrent(known));
  }
});
