import assert from "node:assert/strict";
import { test } from "node:test";
import { createAcl } from "../../../src/access/policy/acl.ts";
import { parsePolicy } from "../../../src/access/policy/policy.ts";
import { start } from "../start.ts";

test("sys/keys tells ids, uses and counts; rotate and forget say what to keep", async (t) => {
  const { send } = start(t);
  const status = await send({ method: "GET", url: "/v1/sys/keys" });
  assert.deepEqual(status.json().data, {
    keys: [{ id: "0a", use: "seals", records: 3 }],
    counted_time: "2026-11-22T11:00:00Z",
    resealing: { left: 0 },
  });
  const rotated = await send({ method: "POST", url: "/v1/sys/keys/rotate" });
  assert.deepEqual(rotated.json().data, { id: "0b" });
  assert.match(rotated.json().warnings[0], /keep a copy of the key file/);
  assert.equal(rotated.json().warnings.length, 1);
  const ofMount = await send({ method: "POST", url: "/v1/sys/keys/rotate", payload: { mount: "team" } });
  assert.deepEqual([ofMount.json().data, ofMount.json().warnings], [{ id: "0c team" }, null]);
  const forgotten = await send({ method: "DELETE", url: "/v1/sys/keys/0a" });
  assert.equal(forgotten.statusCode, 200);
  assert.match(forgotten.json().warnings[0], /backups made while this key was in use/);
  for (const [method, url] of [
    ["GET", "/v1/sys/keys/rotate"],
    ["GET", "/v1/sys/keys/0a"],
    ["PUT", "/v1/sys/keys"],
  ] as const) {
    assert.equal((await send({ method, url })).statusCode, 405, `${method} ${url}`);
  }
});

test("the keys want sudo", async (t) => {
  const { app, send } = start(t, { acl: createAcl([parsePolicy('path "*" { policy = "write" }')]) });
  for (const [method, url] of [
    ["GET", "/v1/sys/keys"],
    ["PUT", "/v1/sys/keys/rotate"],
    ["DELETE", "/v1/sys/keys/0a"],
  ] as const) {
    const refused = await send({ method, url });
    assert.deepEqual([refused.statusCode, refused.json()], [403, { errors: ["permission denied"] }]);
    assert.equal((await app.inject({ method, url })).statusCode, 403);
  }
});
