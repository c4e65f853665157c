import assert from "node:assert/strict";
import { existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { awaitPerson, beginPerson } from "../../../src/cli/operate/log-in.ts";
import { operator } from "../../../src/client/index.ts";
import { CLIENT, decide, signIn, startPeople } from "../../http/access/people.ts";
import { call, policy } from "../../http/access/stage.ts";
import { startCoatcheck } from "../../support/coatcheck.ts";
import { person } from "../../support/person/person.ts";
import { ROOT_TOKEN } from "../../support/request.ts";

test("operator login keeps the token for commands that follow, 0600, and logout revokes it", async (t) => {
  const broker = await startCoatcheck(t);
  const ask = (method: string, path: string, body?: unknown) => call(broker, ROOT_TOKEN, method, path, body);
  await policy(broker, "reads", 'path "oauth2/servers/*" { capabilities = ["list"] }');
  await ask("POST", "sys/auth/machines", { type: "approle" });
  await ask("POST", "auth/machines/role/job", { token_policies: "reads", token_ttl: "1h" });
  const { role_id } = (await ask("GET", "auth/machines/role/job/role-id")).data;
  const { secret_id } = (await ask("POST", "auth/machines/role/job/secret-id", {})).data;
  const alice = person(t, { COATCHECK_ADDR: broker.running.address });
  writeFileSync(join(alice.home, "secret"), String(secret_id), { mode: 0o600 });
  const login = ["operator", "login", "--method", "approle", "--path", "machines", `role_id=${role_id}`];
  const shown = await alice.run([...login, `secret_id=${secret_id}`]);
  assert.match(shown.err, /secret_id is a secret/);
  const without = await alice.run(["server", "list"]);
  assert.match(without.err, /or sign in with coatcheck operator login/);
  const done = await alice.run([...login, `secret_id=@${join(alice.home, "secret")}`]);
  assert.match(done.out, /^Signed in for (1 h|60 min|1 hour).*, with the policies default, reads\.\n$/, done.err);
  const kept = join(alice.home, "state/coatcheck/operator-tokens.json");
  assert.equal(statSync(kept).mode & 0o777, 0o600);
  assert.equal((await alice.run(["server", "list"])).code, 0);
  const refused = await alice.run(["read", "oauth2/config"]);
  assert.match(refused.err, /the operator's token of coatcheck operator login/);
  const slashed = await alice.run(["operator", "logout", "--addr", `${broker.running.address}/`]);
  assert.equal(slashed.err, "Signed out: the token is revoked.\n");
  assert.ok(existsSync(kept));
  assert.equal((await alice.run(["server", "list"])).code, without.code);
  assert.deepEqual((await ask("GET", "auth/token/accessors?list=true")).data.keys, [], "it is revoked");
  writeFileSync(kept, JSON.stringify({ [broker.running.address]: "hvs.ended" }), { mode: 0o600 });
  const ended = await alice.run(["operator", "logout"]);
  assert.deepEqual([ended.code, ended.err], [0, "Signed out: the broker does not take the token any more.\n"]);
  assert.match((await alice.run(["operator", "logout"])).err, /^Nobody is signed in/);
});

test("operator login of a person: the link, and the token once the person has said yes", async (t) => {
  const { broker, ask, direct } = await startPeople(t, { callback_mode: "direct" });
  const client = operator({ broker: broker.running.address, token: "none" });
  const person = { path: "oidc", role: "", redirectUri: direct, nonce: "mine" };
  const begun = await beginPerson(client, person);
  assert.deepEqual([begun.interval, begun.userCode], [5, ""]);
  const page = await (await fetch(await signIn(begun.url), { headers: { accept: "text/html" } })).text();
  assert.equal((await decide(broker, page, "allow")).status, 200);
  const { policies, lasts } = await awaitPerson(client, person, begun);
  assert.deepEqual([policies, lasts], [["default", "people"], 2_764_800]);
  await assert.rejects(
    beginPerson(client, { ...person, redirectUri: "http://else.example/" }),
    /nobody can sign in at auth\/oidc/,
  );
  await ask("POST", "auth/oidc/role/people", { callback_mode: "client" });
  await assert.rejects(beginPerson(client, { ...person, redirectUri: CLIENT }), /callback_mode=direct/);
});
