import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { proper } from "../../servers/faults.ts";
import { eventually } from "../../support/eventually.ts";
import { person } from "../../support/person/person.ts";
import { ask, OPERATOR, startSessions } from "../../support/sessions.ts";

/** A login whose start waits for the provider. */
async function startHeld(t: TestContext) {
  const pair = await startSessions(t);
  const gate = Promise.withResolvers<void>();
  pair.as.reply("/device", async (exchange) => {
    await gate.promise;
    return proper()(exchange);
  });
  const login = person(t, { COATCHECK_ADDR: pair.running.address }).startProcess(["login", "as"]);
  await eventually("a start under way", () => pair.as.to("/device").length === 1);
  login.child.kill("SIGINT");
  return { pair, gate, login };
}

test("CLI-9 an interrupt while the login is begun cancels it as soon as it is known: exit 130", async (t) => {
  const { pair, gate, login } = await startHeld(t);
  gate.resolve();
  assert.equal(await login.ended, 130);
  assert.match(login.stderr(), /coatcheck: the login was cancelled\n$/);
  const { body } = await ask(pair, "GET", "/sessions", OPERATOR);
  assert.deepEqual(body.sessions, []);
});

test("CLI-9 the second interrupt waits for nothing", async (t) => {
  const { gate, login } = await startHeld(t);
  // The first has been taken by then.
  await eventually("the end", async () => {
    login.child.kill("SIGINT");
    return login.child.exitCode !== null;
  });
  assert.equal(await login.ended, 130);
  assert.equal(login.stderr(), "");
  gate.resolve();
});

test("a broker that is away: exit 7 at once, and nothing is kept", async (t) => {
  const alice = person(t, { COATCHECK_ADDR: "http://127.0.0.1:1" });
  const { code, err } = await alice.run(["login", "as"]);
  assert.deepEqual([code, (await alice.run(["list"])).out], [7, ""], err);
  assert.match(err, /^coatcheck: the broker at http:\/\/127\.0\.0\.1:1 cannot be reached\n/);
});
