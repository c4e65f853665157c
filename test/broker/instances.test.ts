import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { compose } from "../../src/compose/compose.ts";
import type { Running } from "../../src/compose/serve.ts";
import { loadConfig } from "../../src/config.ts";
import type { Misbehaving } from "../../src/dev/misbehaving.ts";
import { startMisbehavingServer } from "../../src/dev/misbehaving-server.ts";
import { createLog } from "../../src/log.ts";
import { ROOT_TOKEN, request, temporaryFolder } from "../support/coatcheck.ts";
import { eventually } from "../support/eventually.ts";
import { DEVICE } from "../support/misbehaving.ts";
import { startPostgres } from "../support/postgres.ts";

/** Real clocks: what several instances agree on is the database's time. */
const postgres = await startPostgres();

/** Between looks: instances and database share this machine. */
const breath = () => setTimeout(20);

interface Instance {
  readonly running: Running;
  readonly logged: string[];
  call(method: string, path: string, body?: unknown): ReturnType<typeof request>;
  stop(): Promise<void>;
}

async function startInstance(
  t: TestContext,
  database: string,
  key: string,
  data = temporaryFolder(t),
): Promise<Instance> {
  const flags = { listen: "127.0.0.1:0", data, database, allowNetworks: "loopback" };
  const logged: string[] = [];
  const config = loadConfig(flags, { COATCHECK_KEY: key, COATCHECK_ROOT_TOKEN: ROOT_TOKEN });
  const running = await compose(
    config,
    createLog("info", (line) => void logged.push(line)),
  );
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= running.close();
    return stopped;
  };
  t.after(stop);
  return { running, logged, stop, call: (...parts) => request(running.address, ...parts) };
}

interface Several {
  readonly as: Misbehaving;
  readonly here: Instance;
  readonly there: Instance;
}

async function startTwo(t: TestContext): Promise<Several> {
  const as = await startMisbehavingServer();
  t.after(() => as.close());
  as.tokens.interval = 1;
  const { url } = await postgres.database(t, "real clock");
  const key = randomBytes(32).toString("base64url");
  const [here, there] = await Promise.all([startInstance(t, url, key), startInstance(t, url, key)]);
  const provider_options = {
    token_url: `${as.issuer}/token`,
    device_code_url: `${as.issuer}/device`,
    revocation_url: `${as.issuer}/revoke`,
  };
  const server = { provider: "custom", client_id: "client", provider_options };
  assert.equal((await here.call("PUT", "oauth2/servers/as", server)).status, 204);
  return { as, here, there };
}

const startFlow = ({ call }: Instance, name: string) =>
  call("PUT", `oauth2/creds/${name}`, { server: "as", grant_type: DEVICE });

/** When each flow was polled, by its device code. */
function polls(as: Misbehaving): readonly number[][] {
  const byCode = Map.groupBy(as.to("/token"), ({ form }) => form.get("device_code"));
  return [...byCode.values()].map((requests) => requests.map(({ at }) => at));
}

test("what is written through one instance is read and deleted through another", async (t) => {
  const { as, here, there } = await startTwo(t);
  const refresh_token = as.tokens.grant();
  assert.equal((await here.call("PUT", "oauth2/creds/me", { server: "as", refresh_token })).status, 204);
  const [mine, theirs] = await Promise.all([here, there].map(({ call }) => call("GET", "oauth2/creds/me")));
  assert.equal(theirs?.status, 200);
  assert.equal(theirs?.body?.data?.access_token, mine?.body?.data?.access_token);
  assert.equal((await there.call("DELETE", "oauth2/creds/me")).status, 204);
  assert.equal((await here.call("GET", "oauth2/creds/me")).status, 404);
  const status = await here.call("GET", "sys/seal-status");
  assert.equal((status.body as { readonly storage_type?: string } | undefined)?.storage_type, "postgresql");
});

test("instances need the same key; one that has none says so and makes none", async (t) => {
  const { url } = await postgres.database(t, "real clock");
  const data = temporaryFolder(t);
  await startInstance(t, url, "", data);
  const other = temporaryFolder(t);
  await assert.rejects(startInstance(t, url, "", other), {
    name: "KeyUnusable",
    message: `the key file ${join(other, "key")} is missing, and what is stored cannot be read without it: put the key back, or give it by COATCHECK_KEY; nothing was changed`,
  });
  assert.equal(existsSync(join(other, "key")), false);
  await assert.rejects(startInstance(t, url, "A".repeat(43)), /^StoreUnusable: the key does not fit this data/);
  await startInstance(t, url, `file:${join(data, "key")}`);
});

test("a token that two instances want refreshed at once is refreshed once", async (t) => {
  const { as, here, there } = await startTwo(t);
  as.tokens.accessLife = 30;
  const refresh_token = as.tokens.grant();
  await here.call("PUT", "oauth2/creds/me", { server: "as", refresh_token });
  const imported = as.to("/token").length;
  const remaining = async () => (await here.call("GET", "oauth2/creds/me")).body?.lease_duration ?? 0;
  await eventually("a second of its life has passed", async () => {
    await breath();
    return (await remaining()) <= 28;
  });
  const wanted = "oauth2/creds/me?minimum_seconds=28";
  const reads = await Promise.all([here, there, here, there].map(({ call }) => call("GET", wanted)));
  assert.deepEqual(
    reads.map(({ status }) => status),
    [200, 200, 200, 200],
  );
  assert.equal(new Set(reads.map(({ body }) => body?.data?.access_token)).size, 1);
  assert.equal(as.to("/token").length, imported + 1);
  assert.equal(as.tokens.replays, 0);
});

test("A22 DEV-23 a flow is polled by one instance per interval, and by the other when that one stops", async (t) => {
  const { as, here, there } = await startTwo(t);
  for (const name of ["a", "b", "c"]) assert.equal((await startFlow(here, name)).status, 200);
  const polled = async (times: number) => {
    await breath();
    return polls(as).length === 3 && polls(as).every(({ length }) => length >= times);
  };
  await eventually("each flow is polled", () => polled(1));
  await here.stop();
  const sofar = Math.max(...polls(as).map(({ length }) => length));
  await eventually("the other goes on", () => polled(sofar + 1));
  for (const times of polls(as)) {
    for (const [index, at] of times.slice(1).entries()) {
      const gap = at - (times[index] ?? 0);
      assert.ok(gap >= 990 && gap < 5_000, `an interval of 1 s was polled after ${gap} ms`);
    }
  }
  as.tokens.approved = true;
  const done = async () => (await there.call("GET", "oauth2/creds/a")).status === 200;
  await eventually("the flow ends at the other", done);
});
