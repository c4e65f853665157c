import assert from "node:assert/strict";
import { test } from "node:test";
import { broughtFlow, deviceFlow, type Grant } from "../../src/credential/index.ts";

const grant: Grant = { server: "as", scopes: [], providerOptions: {} };
const authorization = { deviceCode: "d", userCode: "U", verificationUri: "https://as/d", expiresIn: 900, interval: 7 };

test("RFC 8628 3.4: the first poll waits for the interval too, and the code's life counts from the request", () => {
  const flow = deviceFlow(grant, authorization, { requestedAt: 1_000, now: 3_000, longest: 0 });
  assert.equal(flow.notBefore, 10_000);
  assert.equal(flow.expiresAt, 901_000);
  assert.deepEqual([flow.userCode, flow.verificationUri, "expiresIn" in flow], ["U", "https://as/d", false]);
});

test("the mount's device_flow_seconds cap a code's life, and never lengthen it", () => {
  const times = { requestedAt: 0, now: 0 };
  assert.equal(deviceFlow(grant, authorization, { ...times, longest: 60 }).expiresAt, 60_000);
  assert.equal(deviceFlow(grant, authorization, { ...times, longest: 3_600 }).expiresAt, 900_000);
});

test("a code that somebody brought has what was told of it, else half an hour and five seconds; a day at most", () => {
  const untold = broughtFlow(grant, { deviceCode: "d", expiresIn: 0, interval: 0 }, 1_000);
  assert.deepEqual([untold.expiresAt, untold.interval], [1_801_000, 5]);
  const told = broughtFlow(grant, { deviceCode: "d", expiresIn: 1_000_000, interval: 9 }, 0);
  assert.deepEqual([told.expiresAt, told.interval, told.userCode], [86_400_000, 9, undefined]);
});
