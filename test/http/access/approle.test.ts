import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import vault from "node-vault";
import { startCoatcheck } from "../../support/coatcheck.ts";
import { ROOT_TOKEN } from "../../support/request.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { call, child, policy, wrapped } from "./stage.ts";

const READ = 'path "oauth2/config" { capabilities = ["read"] }';

/** A broker with AppRole and one role, and a function that asks as the operator. */
async function stage(t: Parameters<typeof startCoatcheck>[0], role: Readonly<Record<string, unknown>> = {}) {
  const broker = await startCoatcheck(t);
  const ask = (method: string, path: string, body?: unknown) => call(broker, ROOT_TOKEN, method, path, body);
  assert.equal((await ask("POST", "sys/auth/approle", { type: "approle" })).status, 204);
  await policy(broker, "ci", READ);
  const written = await ask("POST", "auth/approle/role/job", { token_policies: ["ci"], token_ttl: "10m", ...role });
  assert.equal(written.status, 204, written.errors.join());
  const role_id = String((await ask("GET", "auth/approle/role/job/role-id")).data.role_id);
  const secret = async (more = {}) => {
    const { data, errors } = await ask("POST", "auth/approle/role/job/secret-id", more);
    assert.deepEqual(errors, []);
    return data;
  };
  const login = (secret_id: unknown, more = {}) =>
    call(broker, "hvs.stale", "POST", "auth/approle/login", { role_id, secret_id, ...more });
  return { broker, ask, role_id, secret, login };
}

test("8 node-vault, unmodified, enables AppRole, makes a role and logs in by it", async (t) => {
  const { running } = await startCoatcheck(t);
  const operator = vault({ endpoint: running.address, token: ROOT_TOKEN });
  await operator.enableAuth({ mount_point: "approle", type: "approle", description: "machines" });
  assert.ok((await operator.auths()).data["approle/"]);
  await operator.addPolicy({ name: "ci", policy: READ });
  await operator.addApproleRole({ role_name: "Job", policies: "ci", token_ttl: 600 });
  assert.deepEqual((await operator.approleRoles()).data.keys, ["job"]);
  const { role_id } = (await operator.getApproleRoleId({ role_name: "job" })).data;
  const { secret_id } = (await operator.getApproleRoleSecret({ role_name: "job" })).data;
  const job = vault({ endpoint: running.address });
  const { auth } = await job.approleLogin({ role_id, secret_id });
  assert.deepEqual(auth.policies, ["ci", "default"]);
  assert.deepEqual([auth.lease_duration, auth.renewable, auth.orphan], [600, true, true]);
  const self = (await job.tokenLookupSelf()).data;
  assert.deepEqual([self.path, self.display_name, self.meta], ["auth/approle/login", "approle", { role_name: "job" }]);
  assert.ok(self.entity_id);
  await job.tokenRenewSelf();
  await assert.rejects(job.read("oauth2/servers/x"), /permission denied/);
  await operator.disableAuth({ mount_point: "approle" });
  await assert.rejects(job.tokenLookupSelf(), /permission denied/);
});

test("8 a role id is one role's, also where several want it in one moment, or one wants it back", async (t) => {
  const { ask } = await stage(t);
  const names = Array.from({ length: 6 }, (_, index) => `r${index}`);
  const want = (role_id: string) =>
    Promise.all(names.map(async (name) => (await ask("POST", `auth/approle/role/${name}`, { role_id })).status));
  const holders = async (role_id: string) => {
    const ids = await Promise.all(
      names.map(async (name) => (await ask("GET", `auth/approle/role/${name}/role-id`)).data.role_id),
    );
    return ids.filter((id) => id === role_id).length;
  };
  for (const role_id of ["one", "two", "one"]) {
    assert.equal((await want(role_id)).filter((status) => status === 204).length, 1, role_id);
    assert.equal(await holders(role_id), 1, role_id);
  }
});

test("8 sys/auth: enabled once, tuned, listed; what needs sudo", async (t) => {
  const { broker, ask } = await stage(t);
  assert.deepEqual((await ask("POST", "sys/auth/approle", { type: "approle" })).errors, [
    "path is already in use at approle/",
  ]);
  assert.match(
    (await ask("POST", "sys/auth/x", { type: "ldap" })).errors.join(),
    /plugin not found in the catalog: ldap/,
  );
  assert.equal((await ask("POST", "sys/auth/token", { type: "approle" })).status, 400);
  assert.equal((await ask("POST", "sys/auth/a%2Fb", { type: "approle" })).status, 400);
  // As `vault auth enable` sends it.
  const cli = { type: "approle", config: { default_lease_ttl: "0s", max_lease_ttl: "1h0m0s", force_no_cache: false } };
  assert.equal(
    (await ask("POST", "sys/auth/other", { description: "b", options: null, local: false, ...cli })).status,
    204,
  );
  assert.equal((await ask("POST", "sys/auth/other/tune", { default_lease_ttl: "30m" })).status, 204);
  const tuned = await ask("GET", "sys/auth/other/tune");
  assert.deepEqual(tuned.data, {
    default_lease_ttl: 1800,
    max_lease_ttl: 3600,
    force_no_cache: false,
    description: "b",
  });
  assert.deepEqual(Object.keys((await ask("GET", "sys/auth")).data).toSorted(), ["approle/", "other/", "token/"]);
  assert.equal((await ask("DELETE", "sys/auth/other")).status, 204);
  assert.equal((await ask("DELETE", "sys/auth/other")).status, 204);
  assert.equal((await ask("DELETE", "sys/auth/token")).status, 400);
  assert.equal((await ask("GET", "auth/other/role/x")).status, 404);
  await policy(broker, "half", 'path "sys/auth/*" { capabilities = ["update", "delete"] }');
  const { client_token } = await child(broker, { policies: ["half"] });
  assert.equal((await call(broker, client_token, "DELETE", "sys/auth/approle")).status, 403);
});

test("8 a disabled method takes its tokens along, and what they made; enabled again it knows nothing", async (t) => {
  const { broker, ask, secret, login } = await stage(t, { token_policies: ["ci", "maker"] });
  await policy(broker, "maker", 'path "auth/token/create" { capabilities = ["update"] }');
  const { secret_id } = await secret();
  const { auth } = await login(secret_id);
  assert.ok(auth);
  const made = await child(broker, {}, auth.client_token);
  assert.equal((await call(broker, made.client_token, "GET", "auth/token/lookup-self")).data.entity_id, auth.entity_id);
  await ask("DELETE", "sys/auth/approle");
  for (const { client_token } of [auth, made]) {
    assert.equal((await call(broker, client_token, "GET", "auth/token/lookup-self")).status, 403);
  }
  await ask("POST", "sys/auth/approle", { type: "approle" });
  await ask("POST", "auth/approle/role/job", { token_policies: ["ci"] });
  assert.equal((await login(secret_id)).status, 400);
  await broker.pass(1_000);
  assert.deepEqual((await ask("GET", "auth/token/accessors?list=true")).status, 200);
});

test("ST-85 every login that does not hold is refused in the same words, and guesses are counted by role", async (t) => {
  const { broker, secret, login, ask, role_id } = await stage(t);
  const { secret_id } = await secret({ num_uses: 1 });
  const bad = [
    await login("nothing"),
    await login(""),
    await login(secret_id, { role_id: "nothing" }),
    await call(broker, "", "POST", "auth/none/login", { role_id, secret_id }),
    await call(broker, "", "POST", "auth/approle/login", {}),
  ];
  for (const { status, errors, data } of bad) {
    assert.equal(status, 400);
    assert.deepEqual([errors, data], [bad[0]?.errors, {}]);
  }
  assert.equal((await login(secret_id)).status, 200);
  assert.equal((await login(secret_id)).status, 400, "its one use");
  for (let guess = 0; guess < 17; guess++) await login(`guess ${guess}`);
  const { secret_id: another } = await secret();
  assert.equal((await login(another)).status, 429);
  await ask("POST", "auth/approle/role/other", { token_policies: ["ci"] });
  const other = (await ask("GET", "auth/approle/role/other/role-id")).data.role_id;
  const its = (await ask("POST", "auth/approle/role/other/secret-id")).data.secret_id;
  assert.equal((await login(its, { role_id: other })).status, 200, "another role of the same address");
  await broker.pass(60_000);
  assert.equal((await login(another)).status, 200);
  assert.doesNotMatch(broker.logged.join(), new RegExp(`${another}|guess 3`));
});

test("8 secret ids: custom, with metadata, few uses, a life; listed, looked up and destroyed by accessor too", async (t) => {
  const { broker, ask, secret, login } = await stage(t);
  const role = "auth/approle/role/job";
  const metadata = JSON.stringify({ team: "a" });
  const one = await secret({ metadata, num_uses: 2, ttl: "1h" });
  assert.deepEqual([one.secret_id_num_uses, one.secret_id_ttl], [2, 3600]);
  const mine = { secret_id: "chosen" };
  assert.equal((await ask("POST", `${role}/custom-secret-id`, mine)).data.secret_id, "chosen");
  assert.match((await ask("POST", `${role}/custom-secret-id`, mine)).errors.join(), /already registered/);
  assert.deepEqual((await login("chosen")).auth?.metadata, { role_name: "job" });
  const { auth } = await login(one.secret_id);
  assert.deepEqual(auth?.metadata, { role_name: "job", team: "a" });
  const accessor = { secret_id_accessor: one.secret_id_accessor };
  const looked = (await ask("POST", `${role}/secret-id-accessor/lookup`, accessor)).data;
  assert.deepEqual([looked.secret_id_num_uses, looked.metadata], [1, { team: "a" }]);
  assert.deepEqual((await ask("POST", `${role}/secret-id/lookup`, { secret_id: one.secret_id })).data, looked);
  const listed = await ask("GET", `${role}/secret-id?list=true`);
  const { keys } = listed.data;
  assert.ok(Array.isArray(keys) && keys.includes(one.secret_id_accessor));
  // Its accessor is no token's.
  assert.equal((await ask("POST", "auth/token/lookup-accessor", { accessor: one.secret_id_accessor })).status, 403);
  assert.equal((await ask("POST", `${role}/secret-id/destroy`, mine)).status, 204);
  assert.equal((await login("chosen")).status, 400);
  assert.equal((await ask("POST", `${role}/secret-id/lookup`, mine)).status, 204);
  await broker.pass(3_600_000);
  assert.equal((await login(one.secret_id)).status, 400, "its life");
  assert.equal((await ask("POST", `${role}/secret-id-accessor/lookup`, accessor)).status, 404);
  assert.equal((await ask("GET", `${role}/secret-id?list=true`)).status, 404);
  assert.match((await ask("POST", `${role}/secret-id`, { metadata: "[1]" })).errors.join(), /failed to parse metadata/);
});

test("8 what a secret id may be is limited by its role, and addresses bind logins and tokens", async (t) => {
  const limits = { secret_id_num_uses: 3, secret_id_ttl: "1h", secret_id_bound_cidrs: "127.0.0.0/8" };
  const { broker, ask, secret, login } = await stage(t, limits);
  const make = async (more: object) => (await ask("POST", "auth/approle/role/job/secret-id", more)).errors.join();
  assert.match(await make({ num_uses: 0 }), /num_uses cannot be higher/);
  assert.match(await make({ ttl: "2h" }), /ttl cannot be longer/);
  assert.match(await make({ cidr_list: "0.0.0.0/0" }), /not a part of the role's/);
  for (const cidr_list of [
    "somewhere",
    "10",
    "127.1",
    "0177.0.0.1",
    "0127.0.0.0/8",
    "127.0.0.0/33",
    "::ffff:127.0.0.0/104",
  ])
    assert.match(await make({ cidr_list }), /no range such as/, cidr_list);
  const elsewhere = await secret({ cidr_list: "127.9.0.0/16" });
  assert.equal((await login(elsewhere.secret_id)).status, 400);
  const bound = await secret({ token_bound_cidrs: "127.0.0.1" });
  const { auth } = await login(bound.secret_id);
  assert.equal((await call(broker, auth?.client_token ?? "", "GET", "auth/token/lookup-self")).status, 200);
  await ask("POST", "auth/approle/role/job", { token_bound_cidrs: "10.0.0.0/8" });
  assert.equal((await login((await secret()).secret_id)).status, 400);
  assert.match(
    (await ask("POST", "auth/approle/role/bad", { bind_secret_id: false })).errors.join(),
    /at least one constraint/,
  );
});

test("8 a token that is bound to addresses is nothing elsewhere, and neither is what it makes", async (t) => {
  const broker = await startCoatcheck(t, { trustedProxies: "127.0.0.1" });
  const ask = (method: string, path: string, body?: unknown) => call(broker, ROOT_TOKEN, method, path, body);
  await policy(broker, "ci", 'path "auth/token/create" { capabilities = ["update"] }');
  await ask("POST", "sys/auth/approle", { type: "approle" });
  await ask("POST", "auth/approle/role/job", { token_policies: "ci", token_bound_cidrs: "10.0.0.0/8,2001:db8::/32" });
  const { role_id } = (await ask("GET", "auth/approle/role/job/role-id")).data;
  const { secret_id } = (await ask("POST", "auth/approle/role/job/secret-id", {})).data;
  const from = async (address: string, token: string, method: string, path: string, body?: object) => {
    const response = await fetch(`${broker.running.address}/v1/${path}`, {
      method,
      headers: { "x-vault-token": token, "x-forwarded-for": address },
      ...(body && { body: JSON.stringify(body) }),
    });
    const { auth } = (await response.json()) as { readonly auth?: { readonly client_token?: string } | null };
    return { status: response.status, token: auth?.client_token ?? "" };
  };
  assert.equal((await from("192.0.2.1", "", "POST", "auth/approle/login", { role_id, secret_id })).status, 400);
  const wide = (await ask("POST", "auth/approle/role/job/secret-id", { token_bound_cidrs: "10.0.0.0/9" })).data;
  const { token } = await from("10.1.2.3", "", "POST", "auth/approle/login", { role_id, secret_id });
  const made = await from("2001:db8::1", token, "POST", "auth/token/create", {});
  for (const one of [token, made.token]) {
    for (const [address, status] of [
      ["10.9.9.9", 200],
      ["2001:db8:1::1", 200],
      ["192.0.2.1", 403],
      ["2001:db9::1", 403],
    ] as const) {
      assert.equal((await from(address, one, "GET", "auth/token/lookup-self")).status, status, address);
    }
  }
  // A secret id from before its role was narrowed opens no more than the role does now.
  await ask("POST", "auth/approle/role/job", { token_bound_cidrs: "10.1.0.0/16,10.200.0.0/16" });
  const again = (address: string) =>
    from(address, "", "POST", "auth/approle/login", { role_id, secret_id: wide.secret_id });
  const narrow = await again("10.1.2.3");
  const looks = async (address: string) => (await from(address, narrow.token, "GET", "auth/token/lookup-self")).status;
  assert.deepEqual([await looks("10.1.9.9"), await looks("10.2.2.3"), await looks("10.200.0.1")], [200, 403, 403]);
  assert.deepEqual([(await again("10.200.0.1")).status, (await again("10.2.2.3")).status], [400, 400]);
});

test("8 a renewal goes by what the role says now; policies by what it said at the login", async (t) => {
  const { broker, ask, secret, login } = await stage(t, { token_max_ttl: "30m" });
  const { auth } = await login((await secret()).secret_id);
  const token = auth?.client_token ?? "";
  const renew = (increment = 0) => call(broker, token, "POST", "auth/token/renew-self", { increment });
  await broker.pass(60_000);
  assert.equal((await renew()).auth?.lease_duration, 600);
  assert.equal((await renew(3_600)).auth?.lease_duration, 1_740, "what token_max_ttl leaves");
  await ask("POST", "auth/approle/role/job", { token_ttl: "5m", token_policies: ["other"] });
  assert.deepEqual((await ask("GET", "auth/approle/role/job")).data.token_max_ttl, 1_800, "what was not sent stays");
  const renewed = await renew();
  assert.deepEqual([renewed.auth?.lease_duration, renewed.auth?.policies], [300, ["ci", "default"]]);
  await ask("POST", "auth/approle/role/job", { token_max_ttl: 0, token_period: "1h" });
  assert.equal((await renew()).auth?.lease_duration, 3_600);
  await ask("DELETE", "auth/approle/role/job");
  assert.match((await renew()).errors.join(), /role of its login is not there any more/);
});

test("8 a role id may be chosen, belongs to one role, and with the role its secret ids go", async (t) => {
  const { ask, secret, login, role_id } = await stage(t);
  const { secret_id } = await secret();
  assert.equal((await ask("POST", "auth/approle/role/job/role-id", { role_id: "job-one" })).status, 204);
  assert.equal((await login(secret_id)).status, 400, "the former role id");
  assert.equal((await login(secret_id, { role_id: "job-one" })).status, 200);
  await ask("POST", "auth/approle/role/two", { token_policies: "ci" });
  const taken = await ask("POST", "auth/approle/role/two/role-id", { role_id: "job-one" });
  assert.match(taken.errors.join(), /already in use/);
  assert.equal((await ask("POST", "auth/approle/role/two/role-id", { role_id })).status, 204, "a former one is free");
  await ask("DELETE", "auth/approle/role/job");
  assert.equal((await login(secret_id, { role_id: "job-one" })).status, 400);
  await ask("POST", "auth/approle/role/job", { role_id: "job-one" });
  assert.equal((await login(secret_id, { role_id: "job-one" })).status, 400, "a role of the same name is another one");
  assert.equal((await ask("POST", "auth/approle/role/root", { token_policies: "root" })).status, 400);
  assert.equal((await ask("GET", "auth/approle/role/..%2Fx")).status, 404);
});

test("ST-86 a role is judged by the name it is kept by, however it is written", async (t) => {
  const { broker } = await stage(t);
  const all = 'path "auth/approle/role/*" { capabilities = ["update"] }';
  await policy(broker, "roles", `${all} path "auth/approle/role/job" { capabilities = ["deny"] }`);
  const { client_token } = await child(broker, { policies: ["roles"] });
  for (const name of ["job", "JOB", "%4Aob"]) {
    assert.equal((await call(broker, client_token, "POST", `auth/approle/role/${name}`, {})).status, 403);
  }
  assert.equal((await call(broker, client_token, "POST", "auth/approle/role/New", {})).status, 204);
});

test("ST-121 what a policy says of a role's fields holds for their older names", async (t) => {
  const { broker, ask } = await stage(t);
  const rules = 'capabilities = ["update"] denied_parameters = { "token_policies" = ["admin"] }';
  await policy(broker, "roles", `path "auth/approle/role/*" { ${rules.replace(" denied", "\n denied")} }`);
  const { client_token } = await child(broker, { policies: ["roles"] });
  const write = (body: object) => call(broker, client_token, "POST", "auth/approle/role/job", body);
  for (const name of ["token_policies", "policies", "Policies"]) {
    const { status } = await write({ [name]: ["Admin"] });
    const { token_policies } = (await ask("GET", "auth/approle/role/job")).data;
    assert.deepEqual([status === 403 || name === "Policies", token_policies], [true, ["ci"]], name);
  }
  assert.equal((await write({ policies: ["ci"] })).status, 204);
});

test("ST-92 an audit log tells of logins and wrapped answers, and of nothing that opens anything", async (t) => {
  const { broker, ask, secret, login, role_id } = await stage(t);
  const path = join(temporaryFolder(t), "audit.log");
  await ask("PUT", "sys/audit/file", { type: "file", options: { file_path: path } });
  const { secret_id } = await secret();
  const { auth } = await login(secret_id);
  const { info } = await wrapped(broker, "", "POST", "auth/approle/login", { body: { role_id, secret_id } });
  assert.ok(info);
  await call(broker, info.token, "POST", "sys/wrapping/unwrap");
  await login("a wrong secret id");
  const log = readFileSync(path, "utf8");
  assert.match(log, /"path":"auth\/approle\/login"/);
  assert.match(log, /"path":"sys\/wrapping\/unwrap"/);
  assert.match(log, /login refused/);
  for (const one of [secret_id, auth?.client_token, info.token, "a wrong secret id"]) {
    assert.equal(log.includes(String(one)), false);
  }
});

test("6 a policy of all names whoever has logged in, by the accessor of the method", async (t) => {
  const { broker, ask } = await stage(t);
  const mounted = (await ask("GET", "sys/auth/approle")).data;
  const name = `{{identity.entity.aliases.${mounted.accessor}.name}}`;
  await policy(broker, "own", `path "oauth2/servers/${name}" { capabilities = ["update", "read"] }`);
  const tokens = await Promise.all(
    ["alice", "bob"].map(async (role_id) => {
      await ask("POST", `auth/approle/role/${role_id}`, { role_id, token_policies: "own" });
      const { secret_id } = (await ask("POST", `auth/approle/role/${role_id}/secret-id`, {})).data;
      return (await call(broker, "", "POST", "auth/approle/login", { role_id, secret_id })).auth?.client_token ?? "";
    }),
  );
  const [alice = "", bob = ""] = tokens;
  const server = { provider: "github", client_id: "a", client_secret: "b" };
  assert.equal((await call(broker, alice, "PUT", "oauth2/servers/alice", server)).status, 204);
  assert.equal((await call(broker, alice, "GET", "oauth2/servers/alice")).status, 200);
  assert.equal((await call(broker, bob, "GET", "oauth2/servers/alice")).status, 403);
});

test("8 kerberos of htgettoken, which is not served, is no error", async (t) => {
  const { broker } = await stage(t);
  const { status, auth, warnings } = await call(broker, "", "POST", "auth/kerberos-fermilab_default/login", {});
  assert.deepEqual([status, auth, warnings.length], [200, null, 1]);
});

test("ST-191 whoever means a namespace is not let in here, as if it were theirs", async (t) => {
  const { broker, login, secret } = await stage(t);
  const { secret_id } = await secret();
  for (const path of ["auth/approle/login", "auth/oidc/oidc/auth_url", "auth/oidc/oidc/poll", "sys/wrapping/unwrap"]) {
    const response = await fetch(`${broker.running.address}/v1/${path}`, {
      method: "POST",
      headers: { "x-vault-namespace": "team" },
      body: "{}",
    });
    assert.deepEqual(
      [response.status, await response.json()],
      [404, { errors: ["namespaces are not supported"] }],
      path,
    );
  }
  assert.equal((await login(String(secret_id))).status, 200);
});
