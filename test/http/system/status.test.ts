import assert from "node:assert/strict";
import test from "node:test";
import { start } from "../start.ts";

const UUID = "6a1d3f60-0f4e-4a54-9d2b-1f2e3d4c5b6a";

test("3 the status endpoints answer bare and without a token", async (t) => {
  const { app } = start(t);
  const get = async (url: string) => (await app.inject({ url })).json();
  assert.deepEqual(await get("/v1/sys/leader"), { ha_enabled: false });
  assert.deepEqual(await get("/v1/sys/init"), { initialized: true });
  assert.deepEqual(await get("/v1/sys/health"), {
    initialized: true,
    sealed: false,
    standby: false,
    performance_standby: false,
    replication_performance_mode: "disabled",
    replication_dr_mode: "disabled",
    server_time_utc: 1_795_345_200,
    version: "1.18.0",
    cluster_name: "coatcheck",
    cluster_id: UUID,
  });
  const { version, sealed, t: threshold, cluster_id } = await get("/v1/sys/seal-status");
  assert.match(version, /^\d+\.\d+\.\d+$/);
  assert.deepEqual([sealed, threshold, cluster_id], [false, 1, UUID]);
});

test("3 health is 200 active, 503 sealed or without a store, 501 not initialised, HEAD too", async (t) => {
  const rows = [
    [{}, 200],
    [{ sealed: true }, 503],
    [{ storeDown: true }, 503],
    [{ initialized: false }, 501],
  ] as const;
  for (const [health, status] of rows) {
    const { app } = start(t, { health });
    for (const method of ["GET", "HEAD"] as const) {
      assert.equal((await app.inject({ method, url: "/v1/sys/health" })).statusCode, status);
    }
  }
});

test("3 health codes can be overridden, within what is a status", async (t) => {
  const { app } = start(t);
  const status = async (query: string) => (await app.inject({ url: `/v1/sys/health?${query}` })).statusCode;
  assert.equal(await status("activecode=299&standbyok=true&perfstandbyok"), 299);
  assert.equal(await status("activecode=99"), 400);
  assert.equal(await status("activecode=9999999"), 400);
  assert.equal(await status("sealedcode=x"), 400);
});
