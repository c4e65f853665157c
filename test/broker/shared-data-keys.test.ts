import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { type TestContext, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { compose } from "../../src/compose/compose.ts";
import { loadConfig } from "../../src/process/config.ts";
import { createLog } from "../../src/process/log.ts";
import { loadKeys } from "../../src/seal/key-file.ts";
import { startMisbehavingServer } from "../servers/misbehaving-server.ts";
import { startPostgres, type TestDatabase } from "../servers/postgres.ts";
import { eventually } from "../support/eventually.ts";
import { ROOT_TOKEN, request } from "../support/request.ts";
import { sealWith } from "../support/stored.ts";
import { dataFolder } from "../support/temporary-folder.ts";

const postgres = await startPostgres();

async function startInstance(t: TestContext, database: string, key: string, mounts = "team") {
  const flags = { listen: "127.0.0.1:0", data: dataFolder(t), database, allowNetworks: "loopback", mounts };
  const config = loadConfig(flags, { COATCHECK_KEY: key, COATCHECK_ROOT_TOKEN: ROOT_TOKEN });
  const logged: string[] = [];
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
  const call = (method: string, path: string, body?: unknown) => request(running.address, method, path, body);
  return { logged, stop, call };
}

type Instance = Awaited<ReturnType<typeof startInstance>>;

async function startServer(t: TestContext) {
  const as = await startMisbehavingServer();
  t.after(() => as.close());
  const server = { provider: "custom", client_id: "client", provider_options: { token_url: `${as.issuer}/token` } };
  const login = async (at: Instance, path: string) => {
    const [mount] = path.split("/");
    assert.equal((await at.call("PUT", `${mount}/servers/as`, server)).status, 204);
    const { status } = await at.call("PUT", path, { server: "as", refresh_token: as.tokens.grant() });
    assert.equal(status, 204);
  };
  return { login };
}

/** What operators are told of the data keys: mount, use and id. */
async function dataKeysOf(instance: Instance): Promise<readonly string[]> {
  const { body } = await instance.call("GET", "sys/keys");
  const keys = (body?.data?.keys ?? []) as { id: string; use: string; mount?: string }[];
  return keys.filter(({ mount }) => mount !== undefined).map(({ mount, use, id }) => `${mount} ${use} ${id}`);
}

const newKey = () => randomBytes(32).toString("base64url");

test("instances that start at once on an empty database make one data key for each mount; each opens what the other seals", async (t) => {
  const { login } = await startServer(t);
  for (let round = 0; round < 3; round++) {
    const { url, admin } = await postgres.database(t, "real clock");
    const key = newKey();
    const all = await Promise.all([0, 1, 2].map(() => startInstance(t, url, key)));
    const { rows } = await admin.query("SELECT name FROM coatcheck_row WHERE name LIKE 'data-key/%' ORDER BY name");
    assert.deepEqual(
      rows.map(({ name }) => name),
      ["data-key/000001/oauth2", "data-key/000001/team"],
    );
    const [one, ...others] = await Promise.all(all.map(dataKeysOf));
    for (const other of others) assert.deepEqual(other, one);
    const [here, ...rest] = all as [Instance, ...Instance[]];
    await login(here, "team/creds/me");
    for (const there of rest) assert.equal((await there.call("GET", "team/creds/me")).status, 200);
    await Promise.all(all.map(({ stop }) => stop()));
  }
});

test("what one instance seals under a key that it has just made, another opens at once, whose mounts are fewer as well", async (t) => {
  const { login } = await startServer(t);
  const { url } = await postgres.database(t, "real clock");
  const key = newKey();
  const there = await startInstance(t, url, key, "");
  const here = await startInstance(t, url, key);
  await login(here, "team/creds/theirs");
  assert.deepEqual((await dataKeysOf(there)).length, 1, "it has not heard of that key yet");
  await login(here, "oauth2/creds/before");
  assert.equal((await there.call("GET", "oauth2/creds/before")).status, 200);
  const rotated = await here.call("PUT", "sys/keys/rotate", { mount: "oauth2" });
  assert.equal(rotated.status, 200, JSON.stringify(rotated.body));
  await login(here, "oauth2/creds/after");
  assert.equal((await there.call("GET", "oauth2/creds/after")).status, 200);
  await login(there, "oauth2/creds/answered");
  assert.equal((await here.call("GET", "oauth2/creds/answered")).status, 200);
  assert.deepEqual(await dataKeysOf(there), await dataKeysOf(here));
  assert.ok(![...here.logged, ...there.logged].some((line) => line.includes('"cannot_open"')));
});

/** As the version before data keys left them: everything under the one key of the ring. */
async function makeOlder(admin: TestDatabase["admin"], key: string): Promise<void> {
  const { rows } = await admin.query("SELECT id, mount, kind, name, sealed FROM coatcheck_row");
  const deployment = rows.find(({ name }) => name === "deployment").id;
  const dataKeys = rows.filter(({ name }) => name.startsWith("data-key/"));
  const seal = sealWith(loadKeys(key, "", { mayCreate: false }).keys, deployment, dataKeys);
  for (const { sealed, ...row } of rows.filter(({ mount }) => mount === "oauth2" || mount === "team")) {
    const place = { ...row, field: "content" };
    const older = seal.seal(seal.open(sealed, place), place, seal.keyIds()[0]);
    await admin.query("UPDATE coatcheck_row SET sealed = $1 WHERE id = $2", [older, row.id]);
  }
  await admin.query("DELETE FROM coatcheck_row WHERE name LIKE 'data-key/%' OR name = 'resealing'");
}

test("older data that instances share stay readable for older instances, until an operator makes each mount its key", async (t) => {
  const { login } = await startServer(t);
  const { url, admin } = await postgres.database(t, "real clock");
  const key = newKey();
  const first = await startInstance(t, url, key);
  await login(first, "team/creds/me");
  await first.stop();
  await makeOlder(admin, key);
  const [here, there] = [await startInstance(t, url, key), await startInstance(t, url, key)];
  const warned = here.logged.filter((line) => line.includes('"mount_without_data_key"'));
  assert.deepEqual([warned.length, warned[0]?.includes('"team"')], [1, true], "a mount without rows has one already");
  const versions = async () => {
    const { rows } = await admin.query(
      "SELECT DISTINCT get_byte(sealed, 0) AS version FROM coatcheck_row WHERE mount = 'team'",
    );
    return rows.map(({ version }) => version);
  };
  assert.deepEqual(await versions(), [1]);
  assert.equal((await there.call("PUT", "sys/keys/rotate", { mount: "team" })).status, 200);
  await eventually("everything is under the data key", async () => {
    await setTimeout(20);
    return (await versions()).join() === "2";
  });
  for (const instance of [here, there]) assert.equal((await instance.call("GET", "team/creds/me")).status, 200);
  const again = await startInstance(t, url, key);
  assert.ok(!again.logged.some((line) => line.includes('"mount_without_data_key"')));
});
