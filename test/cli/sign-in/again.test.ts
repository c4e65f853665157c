import assert from "node:assert/strict";
import { test } from "node:test";
import { type DemoStage, signedIn, startDemoStage } from "../../support/demo.ts";
import { said } from "../../support/process.ts";

const OTHER = ["login", "demo", "--scopes", "offline_access"];

async function tokenOf({ person }: DemoStage): Promise<string> {
  const { code, out, err } = await person.run(["token", "demo"]);
  assert.equal(code, 0, err);
  return out;
}

/** How many sessions the broker holds. */
async function sessions({ running, person }: DemoStage): Promise<number> {
  const env = { COATCHECK_OPERATOR_TOKEN: running.rootToken };
  const { out } = await person.run(["session", "list", "--json"], { env });
  return JSON.parse(out).sessions.length;
}

test("a login with other scopes leaves the good one as it is until it is approved; then it is ended at the broker", async (t) => {
  const stage = await signedIn(t);
  const { person, decide } = stage;
  const before = await tokenOf(stage);
  const login = person.start(OTHER);
  await said(login, /Waiting/);
  assert.equal(await tokenOf(stage), before);
  assert.match(
    (await person.run(["status"])).out,
    /octavia; .*; another login: waiting for approval; run: coatcheck login --resume demo\n$/,
  );
  assert.match((await person.run(["list"])).out, /octavia \(another login: waiting for approval\)/);
  const resumed = person.start(["login", "--resume", "demo"]);
  await said(resumed, /Waiting/);
  await decide(login.stderr());
  assert.deepEqual([await login.ended, await resumed.ended], [0, 0]);
  assert.notEqual(await tokenOf(stage), before);
  assert.doesNotMatch((await person.run(["status"])).out, /notes:read|another login/);
  assert.equal(await sessions(stage), 1, "the old session is gone");
  // Some providers revoke every grant of an account at once: the old one is left to its end.
  assert.ok(await stage.isGood(before));
});

for (const [what, args, end, code] of [
  ["interrupted", [...OTHER], "SIGINT", 130],
  ["interrupted, by --force", ["login", "demo", "--force"], "SIGINT", 130],
  ["refused", [...OTHER], "deny", 5],
  ["left to run out", [...OTHER], "expiry", 6],
] as const) {
  test(`a second login that is ${what} leaves the good one`, async (t) => {
    const stage = await signedIn(t);
    const { person, decide, pass } = stage;
    const before = await tokenOf(stage);
    const login = person.start(args);
    await said(login, /Waiting/);
    if (end === "SIGINT") login.kill("SIGINT");
    else if (end === "deny") await decide(login.stderr(), "deny");
    else await pass(601_000);
    assert.equal(await login.ended, code, login.stderr());
    const after = await tokenOf(stage);
    // In ten minutes it has been refreshed.
    if (end !== "expiry") assert.equal(after, before);
    assert.equal((await person.run(["login", "--resume"])).code, 2, "no login waits any more");
    assert.match((await person.run(["login", "demo"])).err, /already signed in as octavia; scopes .*notes:read/);
  });
}

test("of two logins under one name that wait, the second ends the first", async (t) => {
  const stage = await signedIn(t);
  const { person } = stage;
  const first = person.start(OTHER);
  await said(first, /Waiting/);
  const second = person.start(["login", "demo", "--scopes", "notes:read"]);
  await said(second, /Waiting/);
  assert.equal(await first.ended, 4);
  assert.match(first.stderr(), /run: coatcheck login demo --scopes offline_access\n$/);
  assert.equal(await sessions(stage), 2);
  second.kill("SIGINT");
  assert.equal(await second.ended, 130);
  await tokenOf(stage);
});

test("a login that was approved while nobody waited stays good beside the next, and takes the place of one that was denied", async (t) => {
  const { person, decide } = await startDemoStage(t);
  const leave = async (...flags: readonly string[]) => (await person.run(["login", "demo", "--no-wait", ...flags])).out;
  await decide(await leave());
  await decide(await leave("--force"), "deny");
  assert.equal((await person.run(["token", "demo"])).code, 0);
  const bot = ["--name", "bot", "--label", "bot"];
  await decide(await leave(...bot), "deny");
  const denied = await person.run(["login", "--resume", "bot"]);
  assert.deepEqual([denied.code, denied.err.split("\n")[0]], [5, 'coatcheck: the login "bot" was denied']);
  await decide(await leave(...bot));
  assert.equal((await person.run(["token", "bot"])).code, 0);
});
