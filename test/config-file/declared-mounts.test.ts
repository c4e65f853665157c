import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { mistakeLine, readConfigFile } from "../../src/config-file/read.ts";
import { loadConfig } from "../../src/process/config.ts";
import { call, child, policy } from "../http/access/stage.ts";
import { startCoatcheck } from "../support/coatcheck.ts";
import { eventually } from "../support/eventually.ts";
import { person } from "../support/person/person.ts";
import { ROOT_TOKEN } from "../support/request.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const MOUNTS = ["oauth2", "a", "team/b"];
const GITHUB = { provider: "github", client_id: "of-all" };
const OF_B = { provider: "github", client_id: "of-b" };

function declaring(t: TestContext) {
  const file = join(temporaryFolder(t), "serve.json");
  return { file, declare: (all: object) => writeFileSync(file, JSON.stringify(all)) };
}

test("servers are declared of each mount: the same name is another server there, and of a mount that is not named nothing is said", async (t) => {
  const { file, declare } = declaring(t);
  declare({ servers: { gh: GITHUB }, mount_servers: { "team/b": { gh: OF_B } } });
  const broker = await startCoatcheck(t, { file, mounts: MOUNTS });
  const client = async (of: typeof broker, mount: string) =>
    (await call(of, ROOT_TOKEN, "GET", `${mount}/servers/gh`)).data.client_id;
  await eventually("both are there", async () => (await client(broker, "team/b")) !== undefined);
  assert.deepEqual(
    [await client(broker, "oauth2"), await client(broker, "team/b"), await client(broker, "a")],
    ["of-all", "of-b", undefined],
  );
  for (const mount of MOUNTS) await call(broker, ROOT_TOKEN, "PUT", `${mount}/servers/old`, GITHUB);
  const again = await broker.restart(() => declare({ mount_servers: { "team/b": { gh: OF_B } } }));
  const told = () =>
    again.logged
      .map((line) => JSON.parse(line))
      .filter(({ event }) => event.includes("declared"))
      .map(({ event, mount, server }) => [event, mount, server].join(" "));
  await eventually("it has looked", () => told().length > 0);
  assert.deepEqual(told(), ["server_undeclared team/b old"]);
});

test("config plan and apply write servers of a mount with a token for that mount alone, and delete there what is named by its path", async (t) => {
  const broker = await startCoatcheck(t, { mounts: MOUNTS });
  await policy(broker, "b", 'path "team/b/*" { capabilities = ["read", "list", "update", "delete"] }');
  const own = await child(broker, { policies: ["b"] });
  const env = { COATCHECK_ADDR: broker.running.address, COATCHECK_OPERATOR_TOKEN: own.client_token };
  const { run } = person(t, env);
  const { file, declare } = declaring(t);
  declare({ mount_servers: { "team/b": { gh: OF_B } } });
  for (const mount of MOUNTS) await call(broker, ROOT_TOKEN, "PUT", `${mount}/servers/old`, GITHUB);
  const plan = await run(["config", "plan", file, "--json"]);
  const [first = "", second = ""] = plan.out.split("\n");
  assert.equal(plan.code, 8, plan.err);
  assert.deepEqual(JSON.parse(first), { mount: "team/b", server: "gh", action: "create", changes: [] });
  const undeclared = { mount: "team/b", server: "old", action: "undeclared", changes: [] };
  assert.deepEqual(JSON.parse(second), { ...undeclared, credentials: 0, sessions: 0 });
  const ofFirst = await run(["config", "apply", file, "--delete", "old"]);
  assert.notEqual(ofFirst.code, 0, "the token may do nothing at oauth2");
  const declared = await run(["config", "apply", file, "--delete", "team/b/servers/gh"]);
  assert.match(declared.err, /the file declares the server "team\/b\/servers\/gh"/);
  const applied = await run(["config", "apply", file, "--delete", "team/b/servers/old"]);
  assert.deepEqual([applied.code, applied.err], [0, ""]);
  assert.match(applied.out, /^\+ create {11}team\/b\/servers\/gh\n- deleted {10}team\/b\/servers\/old /);
  const names = async (mount: string) =>
    (await call(broker, ROOT_TOKEN, "GET", `${mount}/servers?list=true`)).data.keys;
  assert.deepEqual(await Promise.all(MOUNTS.map(names)), [["old"], ["old"], ["gh"]]);
});

test("a token that comes by a pipe is read once, however many mounts are asked", async (t) => {
  const broker = await startCoatcheck(t, { mounts: MOUNTS });
  const { file, declare } = declaring(t);
  declare({ mount_servers: { a: { gh: GITHUB }, "team/b": { gh: OF_B } } });
  const { runProcess } = person(t, { COATCHECK_ADDR: broker.running.address });
  const pipe = join(temporaryFolder(t), "token");
  execFileSync("sh", ["-c", `umask 077 && mkfifo "${pipe}"`]);
  const writer = spawn("sh", ["-c", `printf %s "$0" > "${pipe}"`, ROOT_TOKEN]);
  t.after(() => writer.kill());
  const applied = await runProcess(["config", "apply", file, "--token-file", pipe]);
  assert.deepEqual([applied.code, applied.err], [0, ""]);
  for (const mount of ["a", "team/b"])
    assert.equal((await call(broker, ROOT_TOKEN, "GET", `${mount}/servers/gh`)).status, 200);
});

test("--delete deletes nothing where its name is that of two servers, and at oauth2 what the file says nothing of", async (t) => {
  const broker = await startCoatcheck(t, { mounts: MOUNTS });
  const env = { COATCHECK_ADDR: broker.running.address, COATCHECK_OPERATOR_TOKEN: ROOT_TOKEN };
  const { run } = person(t, env);
  const { file, declare } = declaring(t);
  declare({ servers: {}, mount_servers: { "team/b": {} } });
  const twice = ["oauth2/servers/team/b/servers/x", "team/b/servers/x"];
  for (const path of [...twice, "oauth2/servers/old"]) await call(broker, ROOT_TOKEN, "PUT", path, GITHUB);
  const both = await run(["config", "apply", file, "--delete", "team/b/servers/x"]);
  assert.equal(both.code, 2);
  assert.match(both.err, /"team\/b\/servers\/x" is the name of two servers/);
  for (const path of twice) assert.equal((await call(broker, ROOT_TOKEN, "GET", path)).status, 200, path);
  declare({ mount_servers: { "team/b": {} } });
  assert.equal((await run(["config", "apply", file, "--delete", "old"])).code, 0);
  assert.equal((await call(broker, ROOT_TOKEN, "GET", "oauth2/servers/old")).status, 404);
  assert.equal((await run(["config", "apply", file, "--delete", "old"])).code, 2);
});

test("what is wrong with the mounts of declared servers is said with its place; a start ends at one that is not there", async (t) => {
  const { file, declare } = declaring(t);
  writeFileSync(
    file,
    `{ "mounts": ["a"], "mount_servers": {
  "a": { "gh": { "provider": "github", "client_id": "x", "client_secret": "hush" } },
  "oauth2": {},
  "sessions": {},
  "b": {},
  "a": 1
} }`,
  );
  assert.deepEqual(
    readConfigFile(file).mistakes.map((one) => mistakeLine("", one)),
    [
      ':2:58: "client_secret" is a secret, which must not stand in this file: write it into a file of its own, and name that with "client_secret_file"',
      ':3:3: the servers of "oauth2" belong into "servers"',
      ':4:3: "sessions" is not a valid name for a mount',
      ':5:3: there is no mount "b": name it in "mounts"',
      ':6:3: "a" stands here twice',
      ':6:8: "a" must be an object: the name of each server, and its record',
    ],
  );
  declare({ mount_servers: { "team/b": {} } });
  // Whoever backs up reads the same file without the flags of serve.
  assert.deepEqual(loadConfig({ config: file }, {}).file?.servers, [{ mount: "team/b", servers: [] }]);
  const message = 'mount_servers: there is no mount "team/b": name it with --mounts';
  for (const mounts of [undefined, ["oauth2", "a"]]) {
    await assert.rejects(startCoatcheck(t, { file, ...(mounts && { mounts }) }), { name: "ConfigError", message });
  }
});
