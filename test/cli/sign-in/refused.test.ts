import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { oauthError } from "../../servers/faults.ts";
import { signedIn } from "../../support/demo.ts";
import { person } from "../../support/person/person.ts";
import { said } from "../../support/process.ts";
import { startSessions } from "../../support/sessions.ts";

async function stage(t: TestContext) {
  const pair = await startSessions(t);
  return { ...pair, alice: person(t, { COATCHECK_ADDR: pair.running.address }) };
}

const WEB = ["coatcheck", "login", "as", "--name", "bot", "--scopes", "repo", "--web"];
const LOGIN = ["login", "as", "--name", "bot", "--scopes", "repo", "--json"];

for (const [what, error, extra] of [
  ["the code", "unauthorized_client", {}],
  ["a text", "invalid_request", { error_description: "AADSTS53003: blocked by Conditional Access" }],
  ["other words", "invalid_request", { error_description: "Device Flow must be explicitly enabled, it is disabled" }],
] as const) {
  test(`CLI-28 logins by code are forbidden, as ${what} says at the start: --web is offered`, async (t) => {
    const { as, alice } = await stage(t);
    as.reply("/device", oauthError(error, 400, extra));
    const { out } = await alice.run(LOGIN);
    const { message, next } = JSON.parse(out).error;
    assert.deepEqual(next, WEB, message);
    assert.match(message, /does not allow this client to sign in with a code/);
  });
}

test("CLI-28 a refusal of the polls that a policy says: --web is offered when the login has failed", async (t) => {
  const { as, alice, pass } = await stage(t);
  const login = alice.start(LOGIN);
  await said(login, /"waiting"/);
  as.reply("/token", oauthError("access_denied", 400, { error_description: "AADSTS53003: blocked" }));
  await pass(6_000);
  assert.equal(await login.ended, 5);
  assert.deepEqual(JSON.parse(login.stdout().trimEnd().split("\n").at(-1) ?? "").error.next, WEB);
});

test("CLI-28 while the provider refuses the client the person is told, with the other way, and the login waits on", async (t) => {
  const { as, alice, pass } = await stage(t);
  const login = alice.start(LOGIN.slice(0, -1));
  await said(login, /Waiting for approval/);
  as.reply("/token", oauthError("unauthorized_client", 400));
  await pass(6_000);
  for (let passed = 0; passed < 12 && !login.stderr().includes("warning"); passed++) await pass(5_000);
  await said(
    login,
    /warning: the provider refuses the login for now \(unauthorized_client\): .*; another way: coatcheck login as .*--web\n/,
  );
});

test("CLI-30 a login that is made again is of the same account, unless it is said otherwise", async (t) => {
  const { person: alice, decide } = await signedIn(t);
  const kept = () => JSON.parse(readFileSync(join(alice.home, "state/coatcheck/sessions.json"), "utf8")).sessions.demo;
  const { subject } = kept();
  assert.equal(typeof subject, "string");
  const again = alice.start(["login", "demo", "--force"]);
  await said(again, /Waiting/);
  assert.equal(kept().next.expected, subject);
  await decide(again.stderr());
  assert.equal(await again.ended, 0, again.stderr());
  assert.equal((await alice.run(["login", "demo", "--force", "--no-account", "--no-wait"])).code, 8);
  assert.equal(kept().next.expected, undefined);
  const other = await alice.run(["login", "demo", "--account", "somebody-else", "--no-wait"]);
  assert.equal(other.code, 8, "the one that is good is of another account");
  assert.match((await alice.run(["login", "demo", "--account", "octavia"])).err, /already signed in as octavia/);
});

test("XD-08 another account than the expected one: refused, the good login stays, and --no-account is offered", async (t) => {
  const { person: alice, decide } = await signedIn(t);
  const login = alice.start(["login", "demo", "--account", "somebody-else"]);
  await said(login, /Waiting/);
  await decide(login.stderr());
  assert.equal(await login.ended, 4);
  assert.match(login.stderr(), /--no-account accepts any account\)\n {2}run: coatcheck login demo .*--no-account\n$/);
  assert.equal((await alice.run(["token"])).code, 0);
});
