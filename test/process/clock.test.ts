import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { evenTime, followClock } from "../../src/process/clock.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { turns } from "../support/turns.ts";

/** A host: its wall clock can be set, and it can sleep. */
function host() {
  const time = { wall: 1_000_000, monotonic: 500, uptime: 7_000 };
  return {
    sources: { wall: () => time.wall, monotonic: () => time.monotonic, uptime: () => time.uptime },
    run: (milliseconds: number) => {
      time.wall += milliseconds;
      time.monotonic += milliseconds;
      time.uptime += milliseconds;
    },
    sleep: (milliseconds: number) => {
      time.wall += milliseconds;
      time.uptime += milliseconds;
    },
    set: (milliseconds: number) => {
      time.wall += milliseconds;
    },
  };
}

const HOUR = 3_600_000;

test("K01 setting the host's clock, an hour either way or ten years, moves nothing", () => {
  for (const jump of [8 * HOUR, -HOUR, 87_600 * HOUR]) {
    const machine = host();
    const now = evenTime(machine.sources);
    const before = now();
    machine.run(5_000);
    machine.set(jump);
    machine.run(5_000);
    assert.equal(now() - before, 10_000);
  }
});

test("K01 ten years are not followed: they would make everything look long expired", () => {
  const machine = host();
  const now = evenTime(machine.sources);
  const before = now();
  machine.set(87_600 * HOUR);
  for (let second = 0; second < 200; second++) {
    machine.run(1_000);
    now();
  }
  assert.equal(now() - before, 200_000);
});

test("K03 what the machine slept has passed", () => {
  const machine = host();
  const now = evenTime(machine.sources);
  const before = now();
  machine.run(2_000);
  machine.sleep(8 * HOUR);
  machine.run(2_000);
  machine.sleep(HOUR);
  machine.run(2_000);
  assert.equal(now() - before, 6_000 + 9 * HOUR);
});

test("K01 a clock that was behind is followed when its new time has stayed for a minute, and not before", () => {
  const machine = host();
  const now = evenTime(machine.sources);
  const before = now();
  machine.run(5_000);
  machine.set(48 * HOUR);
  const follow = () => {
    for (let second = 0; second < 59; second++) {
      machine.run(1_000);
      now();
    }
  };
  follow();
  assert.equal(now() - before, 64_000);
  machine.run(2_000);
  now();
  machine.run(1_000);
  assert.equal(now() - before, 67_000 + 48 * HOUR);
  machine.set(-48 * HOUR);
  follow();
  follow();
  assert.equal(now() - before, 185_000 + 48 * HOUR, "backwards only at the next start");
});

test("K01 a clock that is set forward and back again within a minute moves nothing", () => {
  const machine = host();
  const now = evenTime(machine.sources);
  const before = now();
  for (let second = 0; second < 300; second++) {
    if (second % 40 === 10) machine.set(HOUR);
    if (second % 40 === 30) machine.set(-HOUR);
    machine.run(1_000);
    now();
  }
  assert.equal(now() - before, 300_000);
});

test("property: time never goes back", () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant("run" as const), by: fc.nat(100_000) }),
    fc.record({ kind: fc.constant("sleep" as const), by: fc.nat(10 * HOUR) }),
    fc.record({ kind: fc.constant("set" as const), by: fc.integer({ min: -10 * HOUR, max: 10 * HOUR }) }),
  );
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const machine = host();
      const now = evenTime(machine.sources);
      let last = now();
      for (const { kind, by } of steps) {
        machine[kind](by);
        const time = now();
        assert.ok(time >= last);
        last = time;
      }
    }),
  );
});

test("a followed clock tells another machine's time, never behind it, whatever the own wall clock does", async () => {
  const own = new FakeClock(1_000_000);
  let ahead = 5_000;
  let took = 40;
  const theirs = () => own.monotonic() + ahead;
  const { clock, stop } = await followClock(own, async () => {
    const now = theirs();
    await turns(1);
    own.advance(took);
    return now + took / 2;
  });
  assert.equal(clock.now() - theirs(), 20, "ahead by at most what the answer took");
  own.jump(-3_600_000);
  own.advance(9_000);
  assert.equal(clock.now() - theirs(), 20);
  ahead += 3_000;
  own.advance(1_000);
  await turns(5);
  assert.equal(clock.now() - theirs(), 20, "looked at again after 10 s");
  took = 2_000;
  ahead += 3_000;
  own.advance(10_000);
  await turns(5);
  assert.equal(clock.now() - theirs(), 20 - 3_000, "an answer that took too long says nothing");
  took = 0;
  own.advance(10_000);
  await turns(5);
  assert.equal(clock.now() - theirs(), 0);
  stop();
  ahead += 1;
  own.advance(60_000);
  await turns(5);
  assert.equal(clock.now() - theirs(), -1);
});
