import assert from "node:assert/strict";
import { chmodSync, globSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { eventually } from "../../support/eventually.ts";
import { person } from "../../support/person/person.ts";
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

/** Kills the one that holds the data. */
function endBroker(home: string): void {
  process.kill(Number(readFileSync(join(home, "state/coatcheck/broker/coatcheck.db.pid"), "utf8")), "SIGKILL");
}

/** How many processes serve that data, or are about to. */
function brokersAt(data: string): number {
  const commands = globSync("/proc/[0-9]*/cmdline").map((path) => {
    try {
      return readFileSync(path, "utf8");
    } catch {
      return "";
    }
  });
  return commands.filter((command) => command.includes("serve") && command.includes(data)).length;
}

test("a broker that was killed is started again at its socket", async (t) => {
  const alice = person(t);
  assert.equal((await alice.run(["write", "oauth2/config", "default_server=x"])).code, 0);
  endBroker(alice.home);
  assert.equal((await alice.run(["read", "--field", "default_server", "oauth2/config"])).out, "x\n");
});

test("a broker that cannot start says why", async (t) => {
  const alice = person(t);
  const data = join(alice.home, "state/coatcheck/broker");
  mkdirSync(data, { recursive: true });
  writeFileSync(join(data, "key"), "no key", { mode: 0o600 });
  const { code, err } = await alice.run(["server", "list"]);
  assert.equal(code, 7);
  assert.match(err, /^coatcheck: your own broker did not start: .*key.*\n {2}run: coatcheck doctor\n$/);
  const nowhere = await alice.run(["server", "list"], { env: { XDG_STATE_HOME: "/proc/nowhere" } });
  assert.equal(nowhere.code, 1);
});

test("one broker per data folder, whatever the runtime folder: who has another finds it at once", async (t) => {
  const alice = person(t);
  assert.equal((await alice.run(["server", "list"])).code, 0);
  const pid = readFileSync(join(alice.home, "state/coatcheck/broker/coatcheck.db.pid"), "utf8");
  const from = performance.now();
  for (const folder of ["", join(alice.home, "other")]) {
    const { code, err } = await alice.run(["server", "list"], { env: { XDG_RUNTIME_DIR: folder, TMPDIR: alice.home } });
    assert.equal(code, 0, err);
  }
  assert.ok(performance.now() - from < 10_000);
  assert.equal(readFileSync(join(alice.home, "state/coatcheck/broker/coatcheck.db.pid"), "utf8"), pid);
});

test("without XDG_RUNTIME_DIR: a temporary folder of one's own, which the next command uses too; a foreign one is not", async (t) => {
  const alice = person(t, { XDG_RUNTIME_DIR: "" });
  const temporary = join(alice.home, "tmp");
  mkdirSync(temporary);
  const env = { TMPDIR: temporary };
  const folders = () => readdirSync(temporary).filter((name) => name.startsWith("coatcheck-"));
  for (let command = 0; command < 2; command++) assert.equal((await alice.run(["server", "list"], { env })).code, 0);
  const [folder = "", ...more] = folders();
  assert.deepEqual(more, []);
  assert.equal(statSync(join(temporary, folder)).mode & 0o777, 0o700);
  assert.equal(statSync(join(temporary, folder, "broker.sock")).mode & 0o777, 0o600);
  endBroker(alice.home);
  chmodSync(join(temporary, folder), 0o770);
  assert.equal((await alice.run(["server", "list"], { env })).code, 0);
  assert.equal(folders().length, 2, "somebody could have put something into the first");
});

test("a runtime folder that others can write into is refused, with what to do", async (t) => {
  const alice = person(t);
  const folder = join(alice.home, "run/coatcheck");
  mkdirSync(folder);
  chmodSync(folder, 0o770);
  const { code, err } = await alice.run(["server", "list"]);
  assert.deepEqual(
    [code, err],
    [1, `coatcheck: other users can enter ${folder}: run chmod 700 ${folder}\n  run: chmod 700 ${folder}\n`],
  );
  assert.equal((await alice.run(["token"])).code, 4, "an agent there is not asked");
});

test("who starts a broker too many ends it: none takes over when the one that serves is killed", async (t) => {
  const alice = person(t);
  const data = join(alice.home, "state/coatcheck/broker");
  await Promise.all(Array.from({ length: 4 }, () => alice.run(["server", "list"])));
  endBroker(alice.home);
  await eventually("no broker", () => brokersAt(data) === 0);
});

test("--web at one's own broker: it has no page, and the way to one is said", async (t) => {
  const alice = person(t);
  assert.equal((await alice.run(["server", "add", "gh", "--provider", "github", "--client-id", "x"])).code, 0);
  const { code, err } = await alice.run(["login", "gh", "--web"]);
  assert.equal(code, 1);
  assert.match(
    err,
    /^coatcheck: your own broker listens on a socket, .* run "coatcheck serve", .*\/v1\/oauth2\/callback .*COATCHECK_ADDR=/,
  );
});

test("serve --idle: ends when nobody has asked for so long, and takes its socket with it", async (t) => {
  const alice = person(t);
  const socket = join(alice.home, "run/idle.sock");
  const args = ["serve", "--listen", `unix:${socket}`, "--data", join(alice.home, "data"), "--idle", "1"];
  const serving = coatcheck(t, args);
  await said(serving, /coatcheck is listening at unix:/);
  assert.equal(await serving.ended, 0);
  assert.equal(statSync(socket, { throwIfNoEntry: false }), undefined);
  const wrong = coatcheck(t, ["serve", "--idle", "soon"]);
  assert.equal(await wrong.ended, 2);
});
