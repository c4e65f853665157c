import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { eventually } from "../../support/eventually.ts";
import { person } from "../../support/person/person.ts";
import { soon } from "../../support/person/soon.ts";
import { coatcheck, said } from "../../support/process.ts";

/** Commands that start a broker, or may, are processes here: it is the program as it is published then. */
test("with no broker configured a person's own one is started: once, whoever asks first, for its owner alone", async (t) => {
  const alice = person(t);
  const asked = await Promise.all(Array.from({ length: 4 }, () => alice.runProcess(["server", "list", "--json"])));
  for (const { code, out, err } of asked) assert.deepEqual([code, out], [0, '{"servers":[]}\n'], err);
  const socket = join(alice.home, "run/coatcheck/broker.sock");
  assert.equal(statSync(socket).mode & 0o777, 0o600);
  assert.equal(statSync(join(alice.home, "run/coatcheck")).mode & 0o777, 0o700);
  const data = join(alice.home, "state/coatcheck/broker");
  const pid = readFileSync(join(data, "coatcheck.db.pid"), "utf8");
  const notion = await alice.run(["server", "add", "n", "--provider", "notion"]);
  assert.match(
    notion.err,
    /Register an application at .*; redirect URI to enter there: http:\/\/127\.0\.0\.1:8214\/callback/,
  );
  assert.equal((await alice.run(["server", "add", "gh", "--provider", "github", "--client-id", "x"])).code, 0);
  assert.equal((await alice.run(["server", "list"])).out, "gh\n");
  assert.equal(readFileSync(join(data, "coatcheck.db.pid"), "utf8"), pid, "the same process all along");
  const options = readFileSync(`/proc/${pid.trim()}/cmdline`, "utf8").split("\0").slice(1, 3);
  assert.deepEqual(options, ["--disable-sigusr1", "--disable-proto=delete"], "ST-9, ST-30: from its first moment");
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

test("coatcheck broker: whether one's own runs, what it logs, its end and its new start; asking starts nothing", async (t) => {
  const alice = person(t);
  const none = await alice.run(["broker", "status"]);
  assert.deepEqual([none.code, none.err], [1, ""]);
  assert.match(
    none.out,
    /^your own broker is not running: .*\n {2}data +\S+\/coatcheck\/broker\n {2}log +\S+broker\.log\n$/,
  );
  const data = join(alice.home, "state/coatcheck/broker");
  assert.ok(!existsSync(data), "nothing was started");
  assert.equal((await alice.run(["broker", "logs"])).code, 1);
  const pid = () => Number(readFileSync(join(data, "coatcheck.db.pid"), "utf8"));
  assert.match((await alice.runProcess(["broker", "restart"])).out, /^your own broker is running\n/);
  const first = pid();
  const again = JSON.parse((await alice.runProcess(["broker", "restart", "--json"])).out);
  assert.notEqual(again.process, first);
  const { since, ...state } = JSON.parse((await alice.run(["broker", "status", "--json"])).out);
  const socket = join(alice.home, "run/coatcheck/broker.sock");
  assert.deepEqual(state, { running: true, data, log: join(data, "broker.log"), socket, process: pid() });
  assert.match(since, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  // It answers before it has said where it is.
  const logged = await eventually("its first three lines", async () => {
    const { out } = await alice.run(["broker", "logs", "--lines", "3"]);
    return out.includes("Data and key") ? out : undefined;
  });
  assert.match(
    logged,
    /^coatcheck is listening at unix:[^\n]+\nThe root token is in [^\n]+\nData and key are in [^\n]+\n$/,
  );
  assert.deepEqual(await alice.run(["broker", "stop"]), { code: 0, out: "your own broker has stopped\n", err: "" });
  assert.equal(brokersAt(data), 0);
  const twice = await alice.run(["broker", "stop"]);
  assert.deepEqual([twice.code, twice.err], [1, "coatcheck: your own broker is not running\n"]);
});

test("a broker that was killed is started again at its socket", async (t) => {
  const alice = person(t);
  assert.equal((await alice.runProcess(["write", "oauth2/config", "default_server=x"])).code, 0);
  endBroker(alice.home);
  assert.equal((await alice.runProcess(["read", "--field", "default_server", "oauth2/config"])).out, "x\n");
});

test("a broker that cannot start says why", async (t) => {
  const alice = person(t);
  const data = join(alice.home, "state/coatcheck/broker");
  mkdirSync(data, { recursive: true });
  writeFileSync(join(data, "key"), "no key", { mode: 0o600 });
  const { code, err } = await alice.runProcess(["server", "list"]);
  assert.equal(code, 7);
  assert.match(err, /^coatcheck: your own broker did not start: .*key.*\n {2}run: coatcheck doctor\n$/);
  const nowhere = await alice.runProcess(["server", "list"], { env: { XDG_STATE_HOME: "/proc/nowhere" } });
  assert.equal(nowhere.code, 1);
});

test("one broker per data folder, whatever the runtime folder: who has another finds it at once", async (t) => {
  const alice = person(t);
  assert.equal((await alice.runProcess(["server", "list"])).code, 0);
  const pid = readFileSync(join(alice.home, "state/coatcheck/broker/coatcheck.db.pid"), "utf8");
  for (const folder of ["", join(alice.home, "other")]) {
    const env = { XDG_RUNTIME_DIR: folder, TMPDIR: alice.home };
    const { code, err } = await soon("server list", () => alice.run(["server", "list"], { env }), 5_000);
    assert.equal(code, 0, err);
  }
  assert.equal(readFileSync(join(alice.home, "state/coatcheck/broker/coatcheck.db.pid"), "utf8"), pid);
});

test("without XDG_RUNTIME_DIR: a temporary folder of one's own, which the next command uses too; a foreign one is not", async (t) => {
  const alice = person(t, { XDG_RUNTIME_DIR: "" });
  const temporary = join(alice.home, "tmp");
  mkdirSync(temporary);
  const env = { TMPDIR: temporary };
  const folders = () => readdirSync(temporary).filter((name) => name.startsWith("coatcheck-"));
  for (let command = 0; command < 2; command++)
    assert.equal((await alice.runProcess(["server", "list"], { env })).code, 0);
  const [folder = "", ...more] = folders();
  assert.deepEqual(more, []);
  assert.equal(statSync(join(temporary, folder)).mode & 0o777, 0o700);
  assert.equal(statSync(join(temporary, folder, "broker.sock")).mode & 0o777, 0o600);
  endBroker(alice.home);
  chmodSync(join(temporary, folder), 0o770);
  assert.equal((await alice.runProcess(["server", "list"], { env })).code, 0);
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

test("who has waited long enough for a broker to start leaves it to the others who wait, and to the next command", async (t) => {
  const alice = person(t);
  const impatient = await alice.runProcess(["server", "list"], { env: { COATCHECK_TEST_START_MS: "1" } });
  assert.deepEqual(
    [impatient.code, impatient.err],
    [7, "coatcheck: your own broker has not started yet, and goes on trying\n  run: coatcheck doctor\n"],
  );
  assert.equal((await alice.runProcess(["server", "list", "--json"])).out, '{"servers":[]}\n');
  await eventually("one broker", () => brokersAt(join(alice.home, "state/coatcheck/broker")) === 1);
});

test("who starts a broker too many ends it: none takes over when the one that serves is killed", async (t) => {
  const alice = person(t);
  const data = join(alice.home, "state/coatcheck/broker");
  await Promise.all(Array.from({ length: 4 }, () => alice.runProcess(["server", "list"])));
  endBroker(alice.home);
  await eventually("no broker", () => brokersAt(data) === 0);
});

test("MCP-L1 --web at one's own broker: the provider's address instead of its code, and back to this machine", async (t) => {
  const alice = person(t);
  const uri = ["--redirect-uri", "http://localhost:0/back"];
  assert.equal(
    (await alice.runProcess(["server", "add", "gh", "--provider", "github", "--client-id", "x", ...uri])).code,
    0,
  );
  // FC-67: the only server needs no name.
  const { code, out } = await alice.run(["login", "--web", "--no-wait"]);
  assert.equal(code, 8);
  assert.match(
    out,
    /^https:\/\/github\.com\/login\/oauth\/authorize\?\S+redirect_uri=http%3A%2F%2Flocalhost%3A\d+%2Fback/,
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

const pidOf = (home: string) => readFileSync(join(home, "state/coatcheck/broker/coatcheck.db.pid"), "utf8");

test("FC-50 a broker whose socket has gone with its folder listens anew; at another place where the folder cannot be made", async (t) => {
  const alice = person(t);
  const run = join(alice.home, "run");
  assert.equal((await alice.runProcess(["server", "list"])).code, 0);
  const pid = pidOf(alice.home);
  const again = async (env: Record<string, string> = {}) => {
    const { code, err } = await soon("server list", () => alice.runProcess(["server", "list"], { env }), 10_000);
    assert.equal(code, 0, err);
    assert.equal(pidOf(alice.home), pid, "the same process: what waits for a person goes on");
  };
  rmSync(run, { recursive: true });
  mkdirSync(run, { mode: 0o700 });
  await again();
  assert.equal(statSync(join(run, "coatcheck/broker.sock")).mode & 0o777, 0o600);
  rmSync(run, { recursive: true });
  writeFileSync(run, "");
  await again({ XDG_RUNTIME_DIR: "", TMPDIR: alice.home });
});

test("FC-51 where the name of the runtime folder is too long for a socket another folder is taken; any other is refused", async (t) => {
  const alice = person(t);
  const long = join(alice.home, "r".repeat(100));
  mkdirSync(long, { mode: 0o700 });
  const env = { XDG_RUNTIME_DIR: long, TMPDIR: alice.home };
  for (const words of [
    ["server", "list"],
    ["agent", "--", "true"],
  ]) {
    const { code, err } = await alice.runProcess(words, { env });
    assert.equal(code, 0, err);
  }
  const refused = async (words: readonly string[], more: Record<string, string> = {}) => {
    const run = words[0] === "server" ? alice.run : alice.runProcess;
    const { code, err } = await run(words, { env: { ...env, ...more } });
    assert.deepEqual(
      [code, /^coatcheck: the path of a socket may have 10\d bytes, and .* has \d+: /.test(err)],
      [2, true],
      err,
    );
  };
  await refused(["server", "list"], { COATCHECK_ADDR: `unix:${long}/x` });
  await refused(["serve", "--listen", `unix:${long}/x`, "--data", join(alice.home, "data")]);
  await refused(["agent", "--foreground"], { COATCHECK_AGENT_SOCK: `${long}/x` });
});

test("FC-57 a changed allowNetworks or proxy counts for the next command; the file may be read by others, and a refusal names it", async (t) => {
  const alice = person(t);
  const add = [
    "server",
    "add",
    "x",
    "--provider",
    "oidc",
    "--client-id",
    "x",
    "--option",
    "issuer_url=http://127.0.0.1:1",
  ];
  const before = await alice.runProcess(add);
  assert.match(before.err, /must be an https URL, or an http one .*"allowNetworks" in config\.json/);
  const pid = pidOf(alice.home);
  const config = join(alice.home, "config/coatcheck/config.json");
  mkdirSync(join(config, ".."), { recursive: true, mode: 0o700 });
  writeFileSync(config, JSON.stringify({ allowNetworks: "loopback" }));
  chmodSync(config, 0o644);
  const after = await alice.runProcess(add);
  assert.ok(after.code !== 0 && !after.err.includes("https URL"), after.err);
  assert.notEqual(pidOf(alice.home), pid);
  const again = pidOf(alice.home);
  assert.equal((await alice.runProcess(["server", "list"])).code, 0);
  assert.equal(pidOf(alice.home), again, "replaced once");
  const proxied = { env: { HTTPS_PROXY: "http://127.0.0.1:9" } };
  const replaced = async (more?: { env: Record<string, string> }) => {
    const was = pidOf(alice.home);
    assert.equal((await alice.runProcess(["server", "list"], more)).code, 0);
    return pidOf(alice.home) !== was;
  };
  // FC-50's way: a proxy that is new counts at once; a job without one (cron) does not take it away.
  assert.deepEqual([await replaced(proxied), await replaced(proxied), await replaced()], [true, false, false]);
  writeFileSync(config, JSON.stringify({ allowNetworks: "no such!" }));
  const wrong = await alice.runProcess(["server", "list"]);
  assert.match(
    wrong.err,
    /^coatcheck: your own broker did not start: "allowNetworks" in .*config\.json: "no such!" is not/,
  );
  chmodSync(config, 0o664);
  assert.match(
    (await alice.runProcess(["server", "list"])).err,
    /^coatcheck: other users can change .*: run chmod go-w /,
  );
});
