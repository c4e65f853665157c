import assert from "node:assert/strict";
import { DatabaseSync, StatementSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { FakeClock } from "../support/fake-clock.ts";
import { importGrant, startDevice, startPair } from "../support/misbehaving.ts";

/** Counts what reaches SQLite, until the test is over: statements that write, and transactions, each of which is a sync of the disk. */
function countWrites(t: TestContext) {
  const counted = { statements: 0, commits: 0 };
  const { run, get, all } = StatementSync.prototype;
  const { exec } = DatabaseSync.prototype;
  const writes = /^\s*(INSERT|UPDATE|DELETE|REPLACE)/i;
  for (const [name, method] of Object.entries({ run, get, all })) {
    Object.assign(StatementSync.prototype, {
      [name](this: StatementSync, ...given: []) {
        if (writes.test(this.sourceSQL)) counted.statements += 1;
        return Reflect.apply(method, this, given);
      },
    });
  }
  Object.assign(DatabaseSync.prototype, {
    exec(this: DatabaseSync, sql: string) {
      if (/^\s*COMMIT/i.test(sql)) counted.commits += 1;
      Reflect.apply(exec, this, [sql]);
    },
  });
  t.after(() => {
    Object.assign(StatementSync.prototype, { run, get, all });
    Object.assign(DatabaseSync.prototype, { exec });
  });
  return async (work: () => Promise<unknown>) => {
    Object.assign(counted, { statements: 0, commits: 0 });
    await work();
    return { ...counted };
  };
}

test("an import is four commits of one statement each: what is under way, its claim, its answer, the credential", async (t) => {
  const pair = await startPair(t);
  await importGrant(pair, "first");
  const during = countWrites(t);
  assert.deepEqual(await during(() => importGrant(pair, "second")), { statements: 4, commits: 4 });
});

test("a poll writes twice (its claim, its outcome), a refresh three times (and its answer in escrow)", async (t) => {
  const pair = await startPair(t);
  const during = countWrites(t);
  const polls = () => pair.as.requests.filter(({ form }) => form.has("device_code")).length;
  const polled = (count: number) => {
    const until = polls() + count;
    return pair.passUntil(`${count} polls`, () => polls() >= until);
  };
  await startDevice(pair);
  await polled(2);
  assert.deepEqual(await during(() => polled(4)), { statements: 8, commits: 8 });
  await pair.delete("oauth2/creds/me");
  await importGrant(pair, "other");
  const refreshes = () => pair.as.to("/token").filter(({ form }) => form.get("grant_type") === "refresh_token").length;
  const before = refreshes();
  const refreshed = await during(() => pair.passUntil("a refresh", () => refreshes() > before, 7_200_000));
  assert.deepEqual(refreshed, { statements: 3, commits: 3 });
});

/** Counts the timers that fire: each is a processor that wakes. */
class CountingClock extends FakeClock {
  fired = 0;

  override after(milliseconds: number, callback: () => void): () => void {
    return super.after(milliseconds, () => {
      this.fired += 1;
      callback();
    });
  }
}

/** The scheduler of a store of its own and the owner of the store look each 5 s; what else there is comes once a minute. */
const AT_REST = 12 + 12 + 4;

test("a broker at rest wakes as often as its looks say, however many credentials it keeps, and writes nothing", async (t) => {
  const clock = new CountingClock();
  const pair = await startPair(t, { clock });
  const during = countWrites(t);
  const minute = async () => {
    clock.fired = 0;
    for (let tenths = 0; tenths < 600; tenths++) {
      clock.advance(100);
      await new Promise((turn) => setImmediate(turn));
    }
    return clock.fired;
  };
  await minute();
  for (const name of ["a", "b", "c"]) await importGrant(pair, name);
  await minute();
  const written = await during(async () => assert.ok((await minute()) <= AT_REST, `woke ${clock.fired} times`));
  assert.deepEqual(written, { statements: 0, commits: 0 });
});
