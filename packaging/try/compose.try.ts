import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, chownSync, copyFileSync, cpSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { missing } from "../../test/support/programs.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";

const ROOT = join(import.meta.dirname, "../..");
const FILE = join(import.meta.dirname, "../compose/compose.yaml");

test("Compose itself reads its file: two brokers, and a database that nobody outside reaches", {
  skip: missing("docker-compose"),
}, () => {
  const said = execFileSync("docker-compose", ["--file", FILE, "config", "--format", "json"], { encoding: "utf8" });
  const { services, networks } = JSON.parse(said);
  assert.deepEqual(Object.keys(services).sort(), ["broker-1", "broker-2", "database"]);
  for (const name of ["broker-1", "broker-2"]) {
    const { build, ports, volumes, read_only } = services[name];
    assert.deepEqual([build.context, read_only], [ROOT.replace(/\/$/, ""), true]);
    assert.ok(readFileSync(join(build.context, build.dockerfile), "utf8").length > 0);
    assert.deepEqual([ports.length, ports[0].host_ip, ports[0].target], [1, "127.0.0.1", 8200]);
    assert.deepEqual([volumes.length, volumes[0].source, volumes[0].target], [1, name, "/data"]);
  }
  assert.deepEqual([services.database.ports, Object.keys(services.database.networks)], [undefined, ["inside"]]);
  assert.equal(networks.inside.internal, true);
});

/** An id that nobody has, for somebody who is not root. */
const SOMEBODY = 54_321;

test("whoever may use sudo makes the secrets by the first lines of the file, which its programs alone can read", (t) => {
  if (process.getuid?.() !== 0) return t.skip("only root can be somebody else");
  const folder = temporaryFolder(t);
  chmodSync(folder, 0o755);
  const [bin, work] = [join(folder, "bin"), join(folder, "work")];
  for (const one of [bin, work]) mkdirSync(one);
  // sudo chown, by somebody who may: a chown of its own that is root's.
  copyFileSync(execFileSync("which", ["chown"], { encoding: "utf8" }).trim(), join(bin, "chown-as-root"));
  chmodSync(join(bin, "chown-as-root"), 0o4755);
  writeFileSync(join(bin, "sudo"), `#!/bin/sh\nshift\nexec ${join(bin, "chown-as-root")} "$@"\n`, { mode: 0o755 });
  cpSync(FILE, join(work, "compose.yaml"));
  chownSync(work, SOMEBODY, SOMEBODY);
  const lines = readFileSync(FILE, "utf8").matchAll(/^# {3}(.+)$/gm);
  const script = ["set -e", ...[...lines].map(([, line = ""]) => line)].join("\n");
  const ids = { uid: SOMEBODY, gid: SOMEBODY };
  const env = { PATH: `${bin}:${process.env.PATH}` };
  const { status, stderr } = spawnSync("sh", ["-c", script], { cwd: work, env, ...ids, encoding: "utf8" });
  assert.deepEqual([status, stderr], [0, ""]);
  const held = ["key", "root-token", "database", "password"].map((name) => statSync(join(work, "secrets", name)));
  assert.deepEqual(
    held.map((one) => [one.uid, one.mode & 0o777, one.size > 40]),
    [65_532, 65_532, 65_532, SOMEBODY].map((uid) => [uid, 0o400, true]),
  );
});
