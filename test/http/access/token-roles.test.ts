import assert from "node:assert/strict";
import { test } from "node:test";
import { startJwtIssuer } from "../../servers/jwt-issuer.ts";
import { startCoatcheck } from "../../support/coatcheck.ts";
import { ROOT_TOKEN } from "../../support/request.ts";
import { call, child, policy } from "./stage.ts";

type Broker = Awaited<ReturnType<typeof startCoatcheck>>;

const role = async (broker: Broker, name: string, rules: object) =>
  assert.equal((await call(broker, ROOT_TOKEN, "POST", `auth/token/roles/${name}`, rules)).status, 204);

/** A token that may make tokens as any role, and nothing else. */
async function maker(broker: Broker, capabilities = '["update"]'): Promise<string> {
  await policy(broker, "maker", `path "auth/token/create/*" { capabilities = ${capabilities} }`);
  return (await child(broker, { policies: ["maker"], ttl: "1h" })).client_token;
}

test("5 token roles are written, read, listed and removed in Vault's form; what is not sent stays", async (t) => {
  const broker = await startCoatcheck(t);
  const roles = (method: string, path: string, body?: unknown) =>
    call(broker, ROOT_TOKEN, method, `auth/token/roles${path}`, body);
  assert.equal((await roles("GET", "?list=true")).status, 404);
  assert.equal((await roles("GET", "/ci")).status, 404);
  // As hvac (older names) and Terraform (`default-service`) send it.
  await role(broker, "ci", { allowed_policies: "Ci, deploy", period: "1h", explicit_max_ttl: 7_200, orphan: true });
  await role(broker, "ci", { token_type: "default-service", path_suffix: "v1", token_bound_cidrs: ["127.0.0.0/8"] });
  assert.deepEqual((await roles("GET", "/ci")).data, {
    name: "ci",
    ...{ allowed_policies: ["ci", "deploy"], allowed_policies_glob: [], allowed_entity_aliases: [] },
    ...{ disallowed_policies: [], disallowed_policies_glob: [], orphan: true, renewable: true, path_suffix: "v1" },
    ...{ token_bound_cidrs: ["127.0.0.0/8"], token_explicit_max_ttl: 7_200, explicit_max_ttl: 7_200 },
    ...{ token_no_default_policy: false, token_num_uses: 0, token_period: 3_600, period: 3_600 },
    token_type: "default-service",
  });
  // Policies name it as it is written.
  await role(broker, "CI", {});
  assert.deepEqual((await roles("GET", "?list=true")).data.keys, ["CI", "ci"]);
  assert.equal((await roles("DELETE", "/CI")).status, 204);
  assert.equal((await roles("DELETE", "/CI")).status, 204);
  assert.deepEqual((await roles("GET", "?list=true")).data.keys, ["ci"]);
  const refused: readonly (readonly [object, RegExp])[] = [
    [{ token_type: "batch" }, /another type/],
    [{ token_bound_cidrs: "here" }, /"here" is no range such as/],
    [{ bound_cidrs: "here" }, /"here" is no range such as/],
    [{ allowed_entity_aliases: "me" }, /allowed_entity_aliases is not supported/],
    [{ path_suffix: "a/b" }, /path_suffix/],
    [{ path_suffix: "a..b" }, /path_suffix/],
    [{ token_num_uses: -1 }, /cannot be negative/],
    [{ token_period: "1000h" }, /32 days at most/],
  ];
  for (const [rules, said] of refused) {
    const { status, errors } = await roles("PUT", "/bad", rules);
    assert.deepEqual([status, said.test(errors.join())], [400, true], JSON.stringify(rules));
  }
  assert.equal((await roles("GET", "/bad")).status, 404);
});

test("5 a role says which policies its tokens have: those it allows, by name or pattern, and none it disallows", async (t) => {
  const broker = await startCoatcheck(t);
  const token = await maker(broker);
  const make = async (as: string, more: object = {}) => {
    const { auth, errors } = await call(broker, token, "POST", `auth/token/create/${as}`, more);
    return auth?.policies ?? errors.join();
  };
  await role(broker, "allows", { allowed_policies: ["ci", "Deploy"], allowed_policies_glob: "team-*" });
  assert.deepEqual(await make("allows"), ["ci", "default", "deploy"]);
  assert.deepEqual(await make("allows", { policies: ["DEPLOY"] }), ["default", "deploy"]);
  assert.deepEqual(await make("allows", { policies: ["team-a"], no_default_policy: true }), ["team-a"]);
  assert.match(String(await make("allows", { policies: ["ci", "other"] })), /"other" is not among those/);
  assert.match(String(await make("allows", { policies: ["maker"] })), /"maker" is not among those/);
  await role(broker, "allows", { disallowed_policies: ["team-b"], disallowed_policies_glob: ["def*"] });
  assert.deepEqual(await make("allows", { policies: ["team-a"] }), ["team-a"], "no default that it disallows");
  assert.match(String(await make("allows", { policies: ["team-b"] })), /"team-b" is disallowed/);
  assert.match(String(await make("allows", { policies: ["default"] })), /"default" is not among those/);
  // Nothing but what is disallowed: of the maker's own, or whatever it asks for.
  await role(broker, "disallows", { disallowed_policies: ["secret"] });
  assert.deepEqual(await make("disallows"), ["default", "maker"]);
  assert.deepEqual(await make("disallows", { policies: ["any"] }), ["any", "default"]);
  assert.match(String(await make("disallows", { policies: ["secret"] })), /"secret" is disallowed/);
  // It says nothing of them: among the maker's.
  await role(broker, "open", { token_no_default_policy: true });
  assert.deepEqual(await make("open"), ["maker"]);
  assert.match(String(await make("open", { policies: ["any"] })), /must be subset of parent/);
  for (const as of ["disallows", "roots"]) {
    await role(broker, "roots", { allowed_policies: ["root"] });
    assert.match(String(await make(as, { policies: ["root"] })), /root tokens may not be created/);
  }
  assert.match(String(await make("none")), /unknown role "none"/);
});

test("5 a role's tokens: orphans by its word, its limits and addresses, renewed by what it says then, not without it", async (t) => {
  const broker = await startCoatcheck(t);
  const token = await maker(broker);
  const make = (as: string, more: Record<string, unknown> = {}) => child(broker, more, token, `create/${as}`);
  const look = async (accessor: string) =>
    (await call(broker, ROOT_TOKEN, "POST", "auth/token/lookup-accessor", { accessor })).data;
  await role(broker, "job", {
    ...{ orphan: true, path_suffix: "v2", token_period: "10m", token_explicit_max_ttl: "1h", token_num_uses: 9 },
    token_bound_cidrs: "127.0.0.1",
  });
  const job = await make("job", { num_uses: 5, explicit_max_ttl: "2h" });
  const seen = await look(job.accessor);
  assert.deepEqual(
    [seen.role, seen.path, seen.orphan, seen.num_uses, seen.period, seen.explicit_max_ttl, seen.bound_cidrs, seen.ttl],
    ["job", "auth/token/create/job/v2", true, 5, 600, 3_600, ["127.0.0.1"], 600],
  );
  assert.equal((await call(broker, job.client_token, "GET", "auth/token/lookup-self")).status, 200);
  // Its word is not its maker's: no sudo, no orphan and no period of one's own.
  await role(broker, "plain", { renewable: false });
  for (const more of [{ no_parent: true }, { period: 60 }]) {
    const { errors } = await call(broker, token, "POST", "auth/token/create/plain", more);
    assert.match(errors.join(), /root or sudo privileges required/);
  }
  const plain = await look((await make("plain")).accessor);
  assert.deepEqual([plain.orphan, plain.renewable, plain.path], [false, false, "auth/token/create/plain"]);

  await role(broker, "job", { token_period: "20m" });
  const renew = () => call(broker, ROOT_TOKEN, "POST", "auth/token/renew-accessor", { accessor: job.accessor });
  assert.equal((await renew()).auth?.lease_duration, 1_200);
  assert.equal((await call(broker, ROOT_TOKEN, "DELETE", "auth/token/roles/job")).status, 204);
  assert.match((await renew()).errors.join(), /original token role "job" could not be found, not renewing/);
  assert.equal((await look(job.accessor)).role, "job", "it goes on until it ends");
  await role(broker, "far", { token_bound_cidrs: "10.0.0.0/8" });
  const far = await make("far");
  assert.equal((await call(broker, far.client_token, "GET", "auth/token/lookup-self")).status, 403);
});

test("5 of two who configure the same in one moment one is told to try again, and nothing is lost", async (t) => {
  const broker = await startCoatcheck(t);
  const write = (path: string, body: object) => call(broker, ROOT_TOKEN, "POST", path, body);
  assert.equal((await write("sys/auth/jwt", { type: "jwt" })).status, 204);
  // Both are asking the issuer before either is kept.
  const jwt = { oidc_discovery_url: (await startJwtIssuer(t)).issuer };
  const bound = { role_type: "jwt", user_claim: "sub", bound_audiences: ["us"] };
  const rows: readonly (readonly [string, object, object])[] = [
    ["auth/jwt/config", { ...jwt, bound_issuer: "one" }, { ...jwt, default_role: "two" }],
    ["auth/jwt/role/ci", { ...bound, bound_subject: "me" }, { ...bound, token_policies: ["ci"] }],
    ["sys/auth/jwt/tune", { description: "one" }, { default_lease_ttl: "1h" }],
    ["auth/token/roles/ci", { orphan: true }, { path_suffix: "v1" }],
  ];
  for (const [path, one, other] of rows) {
    const answers = await Promise.all([one, other].map((body) => write(path, body)));
    for (const [at, { status, errors }] of answers.entries()) {
      if (status === 204) continue;
      assert.match(errors.join(), /changed in the same moment: try again/, path);
      assert.equal((await write(path, at === 0 ? one : other)).status, 204, path);
    }
    const { data } = await call(broker, ROOT_TOKEN, "GET", path);
    for (const [name, value] of Object.entries({ ...one, ...other })) {
      if (name in one && name in other) continue;
      assert.deepEqual(data[name], value === "1h" ? 3_600 : value, `${path} ${name}`);
    }
  }
});
