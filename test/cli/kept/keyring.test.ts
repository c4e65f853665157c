import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { promisify } from "node:util";
import { BIN } from "../../support/bin.ts";
import { type DemoStage, signIn, startDemoStage } from "../../support/demo.ts";
import { inProcesses } from "../../support/person/person.ts";
import { missing } from "../../support/programs.ts";

/** A `secret-tool` of this test, with a file for each secret; it writes down its arguments. */
const TOOL = `#!/bin/sh
echo "$@" >> "$RING/arguments"
ls "$XDG_STATE_HOME/coatcheck" >> "$RING/beside" 2>/dev/null
[ -e "$RING/locked" ] && exec sleep 600
verb="$1"
shift
[ -e "$RING/hostile" ] && { . "$RING/hostile"; exit; }
[ "$verb" = store ] && shift
case "$verb" in
  store) cat > "$RING/$4" ;;
  lookup) cat "$RING/$4" ;;
  clear) rm "$RING/$4" ;;
esac
`;

/** For a program that never answers; every other has the time that a busy machine needs. */
const BRIEFLY = { COATCHECK_TEST_KEYRING_MS: "100" };

/** A command remembers to the end of its process what the keyring said, so each has one. */
async function startStage(t: TestContext): Promise<DemoStage> {
  const stage = await startDemoStage(t);
  return { ...stage, person: inProcesses(stage.person) };
}

function setUp({ person }: DemoStage) {
  const [bin, ring, config] = ["bin", "ring", "config/coatcheck"].map((name) => join(person.home, name)) as [
    string,
    string,
    string,
  ];
  for (const folder of [bin, ring, config]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(config, "config.json"), '{"sessions":"keyring"}', { mode: 0o600 });
  writeFileSync(join(bin, "secret-tool"), TOOL);
  chmodSync(join(bin, "secret-tool"), 0o755);
  Object.assign(person.env, {
    PATH: `${bin}:${process.env.PATH}`,
    RING: ring,
    DBUS_SESSION_BUS_ADDRESS: "unix:path=/nowhere",
    COATCHECK_TEST_KEYRING_MS: "60000",
  });
  const file = () => readFileSync(join(person.home, "state/coatcheck/sessions.json"), "utf8");
  const choose = (sessions: string) => writeFileSync(join(config, "config.json"), JSON.stringify({ sessions }));
  return { ring, file, choose };
}

test("ST-69 sessions in the keyring: not in the file and in no argument; used, replaced and ended like any other", async (t) => {
  const stage = await startStage(t);
  const { ring, file } = setUp(stage);
  await signIn(stage, "demo", "offline_access");
  const { session, id } = JSON.parse(file()).sessions.demo;
  assert.equal(session, "keyring");
  const secret = readFileSync(join(ring, id), "utf8");
  assert.match(secret, /^ccs_/);
  assert.equal((await stage.person.run(["token"])).code, 0);
  assert.match((await stage.person.run(["status"])).out, /^demo: signed in at demo/);
  writeFileSync(join(ring, "locked"), "");
  const locked = await stage.person.run(["token"], { env: BRIEFLY });
  assert.deepEqual(
    [locked.code, /^coatcheck: this login's session is in the keyring, but it does not answer/.test(locked.err)],
    [1, true],
  );
  rmSync(join(ring, "locked"));
  const told = async (script: string) => {
    writeFileSync(join(ring, "hostile"), script);
    const { code, out, err } = await stage.person.run(["token"]);
    return [code, out, err.replace(/;.*/, "").trim()];
  };
  const foreign =
    "coatcheck: the session id or token is empty, or has spaces, line breaks or other foreign characters in it";
  assert.deepEqual(await told("printf 'ccs_x\\r\\nX-Forged: 1\\033]52'"), [1, "", foreign], "ST-69");
  const silent =
    "coatcheck: this login's session is in the keyring, but it does not answer, or has lost it: unlock it and run the command again";
  assert.deepEqual(await told("exec yes ccs_x"), [1, "", silent], "ST-69 without an end");
  rmSync(join(ring, "hostile"));
  assert.equal((await stage.person.run(["logout"])).out, "signed out of demo\n");
  assert.ok(!existsSync(join(ring, id)), "its secret is gone");
  assert.ok(!readFileSync(join(ring, "arguments"), "utf8").includes("ccs_"), "and was in no argument");
  const beside = readFileSync(join(ring, "beside"), "utf8");
  assert.match(beside, /^sessions\.json$/m);
  assert.doesNotMatch(beside, /lock/, "others wait for the file's lock, which is never held meanwhile");
});

test("a login that moves back into the file leaves nothing in the keyring; a locked one keeps nobody from signing out", async (t) => {
  const stage = await startStage(t);
  const { ring, file, choose } = setUp(stage);
  const { person } = stage;
  const login = ["login", "demo", "--no-wait"];
  const first = await person.run(login);
  const { id } = JSON.parse(file()).sessions.demo;
  assert.ok(existsSync(join(ring, id)));
  await stage.decide(first.out);
  choose("file");
  assert.equal((await person.run(["login", "--resume", "demo"])).code, 0);
  assert.match(JSON.parse(file()).sessions.demo.session, /^ccs_/);
  assert.ok(!existsSync(join(ring, id)), "it is gone from the keyring");
  choose("keyring");
  await person.run([...login, "--force"]);
  const { next } = JSON.parse(file()).sessions.demo;
  assert.equal(next.session, "keyring");
  writeFileSync(join(ring, "locked"), "");
  const { code, out, err } = await person.run(["logout", "--local"], { env: BRIEFLY });
  assert.deepEqual([code, out], [0, "signed out of demo\n"], err);
  assert.match(err, new RegExp(`the session ${next.id}, which was to replace it, could not be ended`));
  rmSync(join(ring, "locked"));
  // It says that it has stored the secret, and gives another back.
  writeFileSync(join(ring, "hostile"), '[ "$verb" = store ] || printf ccs_of_somebody_else');
  await person.run([...login, "--force"]);
  assert.match(JSON.parse(file()).sessions.demo.session, /^ccs_(?!of_somebody)/, "ST-69");
});

test("where there is no keyring a login is kept in the file, with one sentence", async (t) => {
  const stage = await startStage(t);
  const { file } = setUp(stage);
  delete stage.person.env.DBUS_SESSION_BUS_ADDRESS;
  const login = stage.person.start(["login", "demo", "--no-wait"]);
  assert.equal(await login.ended, 8);
  await stage.decide(login.stdout());
  const { code, err } = await stage.person.run(["login", "--resume", "demo"]);
  assert.equal(code, 0);
  assert.match(
    err,
    /session in \S*sessions\.json\n[\s\S]*warning: the session is in the file and not in the keyring: there is no desktop session here/,
  );
  assert.match(JSON.parse(file()).sessions.demo.session, /^ccs_/);
});

const WANTED = ["dbus-run-session", "gnome-keyring-daemon", "secret-tool"].map(missing).find(Boolean) ?? false;

test("a real Secret Service keeps a session, and gives it back", { skip: WANTED }, async (t) => {
  const stage = await startStage(t);
  const { file } = setUp(stage);
  const { env } = stage.person;
  const coatcheck = `'${process.execPath}' '${BIN}'`;
  const script = `printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null
    ${coatcheck} login demo --no-wait 2>/dev/null; ${coatcheck} status`;
  const all = { ...env, PATH: process.env.PATH };
  const ran = await promisify(execFile)("dbus-run-session", ["--", "sh", "-c", script], { env: all }).catch(
    (error: { readonly stdout: string }) => error,
  );
  assert.match(ran.stdout, /\ndemo: waiting for approval; /);
  assert.equal(JSON.parse(file()).sessions.demo.session, "keyring");
});
