import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { CoatcheckError, resume } from "../../src/client/index.ts";
import { BROKER, json, recordingFetch } from "./recording.ts";

const state = (status: string, more: object = {}) =>
  json({ id: "public", status, server: "demo", scopes: ["a"], ...more });

/** A clock that is moved a second at a time, until the promise is settled; answers the seconds it took. */
async function passUntil(t: TestContext, promise: Promise<unknown>): Promise<number> {
  let over = false;
  const end = () => {
    over = true;
  };
  promise.then(end, end);
  for (let seconds = 0; ; seconds++) {
    for (let turn = 0; turn < 20; turn++) await setImmediate();
    if (over) return seconds;
    assert.ok(seconds < 2_000, "it never ends");
    t.mock.timers.tick(1_000);
  }
}

test("ready: a broker that stays away is waited for until the code has run out, not longer", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const away = Array.from({ length: 200 }, () => new TypeError("gone"));
  for (const [replies, options] of [
    [away.slice(), { expiresIn: 600 }],
    [[state("pending", { expires_in: 600, interval: 5 }), ...away], {}],
  ] as const) {
    const { fetch, asked } = recordingFetch(...replies);
    const ready = resume("the-id", { broker: BROKER, fetch }).ready(options);
    const seconds = await passUntil(t, ready);
    assert.ok(seconds >= 600 && seconds <= 602, `${seconds} s`);
    assert.ok(asked.length < 80, `${asked.length} requests`);
    await assert.rejects(
      ready,
      (error) =>
        error instanceof CoatcheckError &&
        error.code === "expired_token" &&
        /could not be reached \(the broker at .* cannot be reached\)/.test(error.message),
    );
  }
});

test("ready: where a request does not wait for the change, the next one is made an interval later", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  for (const [interval, least] of [
    [5, 9 * 5],
    [0, 9],
    [undefined, 9 * 5],
  ] as const) {
    const pending = Array.from({ length: 10 }, () => state("pending", { expires_in: 600, interval }));
    const { fetch } = recordingFetch(...pending, state("active"));
    const ready = resume("the-id", { broker: BROKER, fetch }).ready();
    const seconds = await passUntil(t, ready);
    assert.ok(seconds >= least && seconds <= least + 1, `${seconds} s for an interval of ${interval}`);
  }
});

test("ready: a request waits no longer than the code lives", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const { fetch, asked } = recordingFetch(state("pending", { expires_in: 10 }), state("expired"));
  await assert.rejects(resume("the-id", { broker: BROKER, fetch }).ready(), { code: "expired_token" });
  assert.equal(asked[1]?.url, `${BROKER}/session?wait=11`);
});
