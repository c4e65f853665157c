import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { empty } from "../../servers/faults.ts";
import { type DemoStage, signedIn } from "../../support/demo.ts";
import { startHomeserverPair, writeHomeserver } from "../../support/matrix/homeserver-pair.ts";
import { person } from "../../support/person/person.ts";
import { said } from "../../support/process.ts";
import { beginActive } from "../../support/sessions.ts";

const fileOf = ({ person }: DemoStage) => join(person.home, "state/coatcheck/sessions.json");

/** Puts a login before the others whose broker is away. */
function addUnreachable(stage: DemoStage): void {
  const { version, sessions } = JSON.parse(readFileSync(fileOf(stage), "utf8"));
  const away = { ...sessions.demo, broker: "http://127.0.0.1:1", session: "ccs_away", id: "away" };
  writeFileSync(fileOf(stage), JSON.stringify({ version, sessions: { away, ...sessions } }));
}

const namesOf = (stage: DemoStage) => Object.keys(JSON.parse(readFileSync(fileOf(stage), "utf8")).sessions);

test("logout --all goes on past one that cannot be reached, and fails at the end; --local forgets that one too", async (t) => {
  const stage = await signedIn(t);
  addUnreachable(stage);
  const anyBroker = { env: { COATCHECK_ADDR: "" } };
  const all = await stage.person.run(["logout", "--all"], anyBroker);
  assert.deepEqual([all.code, all.out], [7, "signed out of demo\n"]);
  assert.match(all.err, /^warning: away: the broker at http:\/\/127\.0\.0\.1:1 cannot be reached\n/);
  assert.match(all.err, /coatcheck: one login could not be ended: .*\n {2}run: coatcheck logout --all --local\n$/);
  assert.deepEqual(namesOf(stage), ["away"]);
  const local = await stage.person.run(["logout", "--all", "--local"], anyBroker);
  assert.deepEqual([local.code, local.out], [0, "signed out of away\n"]);
  assert.match(local.err, /^warning: the broker did not end the session: .* cannot be reached\n$/);
  assert.deepEqual(namesOf(stage), []);
});

test("logout with a broker that is named is of its logins, and says which stay", async (t) => {
  const stage = await signedIn(t);
  addUnreachable(stage);
  const all = await stage.person.run(["logout", "--all"]);
  assert.deepEqual([all.code, all.out], [0, "signed out of demo\n"]);
  assert.match(all.err, /^warning: COATCHECK_ADDR selects http:\S+: 1 at other brokers stay signed in\n$/);
  const other = await stage.person.run(["logout", "away"]);
  assert.deepEqual([other.code, namesOf(stage)], [4, ["away"]]);
  assert.doesNotMatch(other.err, /run: /);
  assert.match(other.err, /there is no login "away" at http:\S+ \(set by COATCHECK_ADDR\)/);
  const typo = await stage.person.run(["logout", "awai"]);
  assert.equal(typo.code, 2);
  assert.match(typo.err, /there is no login "awai" \(did you mean away\?\)\n {2}run: coatcheck list\n$/);
});

test("logout of one that cannot be reached keeps it: exit 7; with --local it is forgotten", async (t) => {
  const stage = await signedIn(t);
  await stage.running.close();
  const { code, err } = await stage.person.run(["logout", "demo"]);
  assert.deepEqual([code, namesOf(stage)], [7, ["demo"]], err);
  assert.match(err, /\n {2}run: coatcheck logout demo --local\n$/);
  assert.equal((await stage.person.run(["logout", "demo", "--local"])).code, 0);
  assert.deepEqual(namesOf(stage), []);
});

test("logout ends the login that waits beside it, too", async (t) => {
  const stage = await signedIn(t);
  const second = stage.person.start(["login", "demo", "--scopes", "offline_access"]);
  await said(second, /Waiting/);
  assert.equal((await stage.person.run(["logout"])).code, 0);
  assert.equal(await second.ended, 4);
  assert.deepEqual(namesOf(stage), []);
  assert.equal((await stage.read("oauth2/creds?list=true")).status, 404);
});

test("FC-84 logout says what is still open at the provider, to people and with --json", async (t) => {
  const pair = await startHomeserverPair(t);
  await writeHomeserver(pair, pair.as, {}, { allow_sessions: true });
  const open = async (args: readonly string[]) => {
    const { secret } = await beginActive(pair, { server: "mx" });
    const someone = person(t, { COATCHECK_ADDR: pair.running.address, COATCHECK_SESSION: secret });
    return someone.run(["logout", ...args]);
  };
  pair.as.reply("/revoke", empty(503));
  const told = await open([]);
  assert.deepEqual([told.code, told.out], [0, "signed out of COATCHECK_SESSION\n"]);
  assert.match(told.err, /^warning: .*revocation will be tried again: .*503/m);
  pair.as.behave("/revoke");
  const { code, out, err } = await open(["--json"]);
  const { warnings, ...rest } = JSON.parse(out);
  assert.deepEqual([code, rest, err], [0, { name: "COATCHECK_SESSION", ended: true }, ""]);
  assert.match(
    warnings.join(),
    /^credential removed and revoked, but the account's server still accepts its access token; it will/,
  );
});
