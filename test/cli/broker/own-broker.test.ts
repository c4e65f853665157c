import assert from "node:assert/strict";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { person } from "../../support/person.ts";
import { coatcheck, said } from "../../support/process.ts";

test("with no broker configured a person's own one is started: once, whoever asks first, for its owner alone", async (t) => {
  const alice = person(t);
  const asked = await Promise.all(Array.from({ length: 4 }, () => alice.run(["server", "list", "--json"])));
  for (const { code, out, err } of asked) assert.deepEqual([code, out], [0, '{"servers":[]}\n'], err);
  const socket = join(alice.home, "run/coatcheck/broker.sock");
  assert.equal(statSync(socket).mode & 0o777, 0o600);
  assert.equal(statSync(join(alice.home, "run/coatcheck")).mode & 0o777, 0o700);
  const data = join(alice.home, "state/coatcheck/broker");
  const pid = readFileSync(join(data, "coatcheck.db.pid"), "utf8");
  assert.equal((await alice.run(["server", "add", "gh", "--provider", "github", "--client-id", "x"])).code, 0);
  assert.equal((await alice.run(["server", "list"])).out, "gh\n");
  assert.equal(readFileSync(join(data, "coatcheck.db.pid"), "utf8"), pid, "the same process all along");
});

test("a broker that was killed is started again at its socket", async (t) => {
  const alice = person(t);
  assert.equal((await alice.run(["write", "oauth2/config", "default_server=x"])).code, 0);
  const data = join(alice.home, "state/coatcheck/broker");
  process.kill(Number(readFileSync(join(data, "coatcheck.db.pid"), "utf8")), "SIGKILL");
  assert.equal((await alice.run(["read", "--field", "default_server", "oauth2/config"])).out, "x\n");
});

test("a broker that cannot start says why", async (t) => {
  const alice = person(t);
  const data = join(alice.home, "state/coatcheck/broker");
  mkdirSync(data, { recursive: true });
  writeFileSync(join(data, "key"), "no key", { mode: 0o600 });
  const { code, err } = await alice.run(["server", "list"]);
  assert.equal(code, 7);
  assert.match(err, /^coatcheck: your own broker does not start: .*key.*\n {2}run: coatcheck doctor\n$/);
  const nowhere = await alice.run(["server", "list"], { env: { XDG_STATE_HOME: "/proc/nowhere" } });
  assert.equal(nowhere.code, 1);
});

test("serve --idle: ends when nobody has asked for so long, and takes its socket with it", async (t) => {
  const alice = person(t);
  const socket = join(alice.home, "run/idle.sock");
  const args = ["serve", "--listen", `unix:${socket}`, "--data", join(alice.home, "data"), "--idle", "1"];
  const serving = coatcheck(t, args);
  await said(serving, /coatcheck serves unix:/);
  assert.equal(await serving.ended, 0);
  assert.equal(statSync(socket, { throwIfNoEntry: false }), undefined);
  const wrong = coatcheck(t, ["serve", "--idle", "soon"]);
  assert.equal(await wrong.ended, 2);
});
