import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { rangeOf } from "../../src/store/range.ts";
import { COUNT_DUE } from "../../src/store/sqlite/sql.ts";
import { openSqliteStore } from "../../src/store/sqlite/store.ts";
import { eachOf, eachRow, pages } from "../../src/store/walk.ts";
import { row } from "../contract/store.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { dataFolder } from "../support/temporary-folder.ts";

/** A clock on which every look takes a millisecond: how long things take is how often it is asked. */
class SlowClock extends FakeClock {
  override monotonic(): number {
    this.stand(1);
    return super.monotonic();
  }
}

/** The most that `count` grows between two turns of the event loop, until the work is done. */
async function longestStretch(count: () => number, work: Promise<unknown>): Promise<number> {
  let before = 0;
  let most = 0;
  let done = false;
  const look = () => {
    most = Math.max(most, count() - before);
    before = count();
    if (!done) setImmediate(look);
  };
  setImmediate(look);
  await work.finally(() => {
    done = true;
  });
  look();
  return most;
}

const items = Array.from({ length: 2_000 }, (_, index) => index);

test("FC-96 what works on many rows gives everybody else a turn after 3 ms", async () => {
  const seen = new Set<number>();
  const work = async (one: number) => {
    await undefined;
    seen.add(one);
  };
  const most = await longestStretch(() => seen.size, eachOf(items, new SlowClock(), work));
  assert.equal(seen.size, items.length);
  assert.ok(most <= 8, `${most} at a stretch`);
});

test("FC-96 and after 128 rows, whatever the clock says", async () => {
  let count = 0;
  const work = () => {
    count += 1;
  };
  const most = await longestStretch(() => count, eachOf(items, new FakeClock(), work));
  assert.equal(count, items.length);
  assert.ok(most <= 128, `${most} at a stretch`);
});

test("FC-96 pages are read one at a time, with a turn between two, and each row is met once", async () => {
  let read = 0;
  const source = pages({
    read: async (after, limit) => {
      read += 1;
      const from = after === "" ? 0 : Number(after) + 1;
      return items.slice(from, from + limit);
    },
    cursorOf: String,
    size: 100,
  });
  const seen: number[] = [];
  const most = await longestStretch(
    () => read,
    eachRow(source, new FakeClock(), (one) => seen.push(one)),
  );
  assert.deepEqual(seen, items);
  assert.ok(most <= 2, `${most} pages at a stretch`);
});

test("FC-96 a failure ends the walk with it", async () => {
  const work = async (one: number) => {
    if (one === 700) throw new Error("the 700th");
  };
  await assert.rejects(eachOf(items, new FakeClock(), work), /the 700th/);
});

test("FC-96 SQLite: writes of one turn that take too long together are committed in several", async (t) => {
  const store = await openSqliteStore({ path: join(dataFolder(t), "test.db"), clock: new SlowClock() });
  t.after(() => store.close());
  let done = 0;
  const writes = items.slice(0, 300).map(async () => {
    assert.equal(await store.write(row(), { absent: true }), true);
    done += 1;
  });
  const most = await longestStretch(() => done, Promise.all(writes));
  assert.equal(done, 300);
  assert.ok(most <= 4, `${most} at a stretch`);
});

test("FC-96 SQLite: what is due is counted from the index alone, with turns for everybody else", async (t) => {
  const clock = new FakeClock();
  const path = join(dataFolder(t), "test.db");
  const store = await openSqliteStore({ path, clock });
  const now = clock.now();
  const due = [...items.slice(0, 400).map(() => now - 5), ...items.slice(0, 300).map((_, index) => now - index)];
  const written = [...due, now + 9].map((dueAt) => row({ task: "refresh", dueAt }));
  await Promise.all(written.map((one) => store.write(one, { absent: true })));
  await store.claim(written[0]?.id ?? "", { milliseconds: 1_000 });
  let turns = 0;
  const watch = () => {
    turns += 1;
    if (turns < 100) setImmediate(watch);
  };
  setImmediate(watch);
  const { due: counts } = await store.load();
  assert.deepEqual([counts.get("refresh"), counts.get("poll")], [699, 0], "who is claimed is not waiting");
  assert.ok(turns >= counts.size, `${turns} turns for ${counts.size} tasks`);
  await store.close();
  const database = new DatabaseSync(path);
  const plan = database.prepare(`EXPLAIN QUERY PLAN ${COUNT_DUE}`).all({ task: "refresh", now, most: 1 });
  database.close();
  assert.ok(plan.some(({ detail }) => String(detail).includes("USING COVERING INDEX row_due")));
});

test("FC-96 SQLite: a store that is closed has committed all that was waiting", async (t) => {
  const store = await openSqliteStore({ path: join(dataFolder(t), "test.db"), clock: new SlowClock() });
  const writes = Promise.all(items.slice(0, 100).map(() => store.write(row(), { absent: true })));
  await store.close();
  assert.deepEqual(new Set(await writes), new Set([true]));
});

test("FC-95 a page begins at its cursor or its prefix, whichever is later: nothing before it is read through", () => {
  const from = (prefix: string, after: string) =>
    rangeOf({ mount: "oauth2", kind: "creds", prefix, after, limit: 10 }).from;
  assert.equal(from("a/", ""), "a/");
  assert.equal(from("a/", "a/b"), "a/b");
  assert.equal(from("", "z"), "z");
  assert.equal(from("b/", "a"), "b/");
  assert.equal(from("\u{FFFD}", "\u{1F600}"), "\u{1F600}", "bytes are compared");
});
