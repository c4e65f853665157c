import assert from "node:assert/strict";
import { test } from "node:test";
import { startCoatcheck } from "../../support/coatcheck.ts";
import { ROOT_TOKEN } from "../../support/request.ts";
import { call, child, policy } from "./stage.ts";

/** Statuses of what a token sends, one request after the other. */
async function statuses(send: (body: unknown) => Promise<{ readonly status: number }>, bodies: readonly unknown[]) {
  const all: number[] = [];
  for (const body of bodies) all.push((await send(body)).status);
  return all;
}

test("ST-58 what a policy judges of parameters is what is done: lists, booleans, blanks, commas, empty lists, second names", async (t) => {
  const broker = await startCoatcheck(t);
  const tokenOf = async (name: string, rules: string) => {
    await policy(broker, name, rules);
    return (await child(broker, { policies: [name] })).client_token;
  };
  const maker = await tokenOf(
    "maker",
    'path "auth/token/create" { capabilities = ["update", "sudo"]\ndenied_parameters = { "policies" = ["admin"], "no_parent" = [true] } }',
  );
  const makes = (body: unknown) => call(broker, maker, "POST", "auth/token/create", body);
  const denied = [
    ...["admin", " admin", "admin\t"].flatMap((name) => [{ policies: name }, { policies: [name] }]),
    ...[true, "true", "1", 1, "T"].map((no_parent) => ({ policies: ["ci"], no_parent })),
  ];
  assert.deepEqual([...new Set(await statuses(makes, denied))], [403]);
  assert.equal((await makes({ policies: ["ci"], no_parent: "0" })).status, 200);

  const short = await tokenOf(
    "short",
    'path "auth/token/create" { capabilities = ["update", "sudo"]\ndenied_parameters = { "ttl" = ["60s", 7200] }\nallowed_parameters = { "ttl" = [], "period" = ["1h", "2*"], "policies" = [] } }',
  );
  const lasts = (body: unknown) =>
    call(broker, short, "POST", "auth/token/create", Object.assign({ policies: ["ci"] }, body));
  // One duration is the same in each spelling.
  const tooLong = ["60s", "1m", 60, "60", "0h1m", "2h", 7200].map((ttl) => ({ ttl }));
  assert.deepEqual([...new Set(await statuses(lasts, [...tooLong, { period: "61m" }]))], [403]);
  const lives = [{ ttl: "61s" }, { ttl: 59 }, { period: "60m" }, { period: 3_600 }, { period: "20m" }];
  assert.deepEqual([...new Set(await statuses(lasts, lives))], [200]);

  const exact = await tokenOf(
    "exact",
    'path "auth/token/create" { capabilities = ["update", "sudo"]\nrequired_parameters = ["policies", "renewable"] }',
  );
  const named = (body: unknown) => call(broker, exact, "POST", "auth/token/create", body);
  // An empty list would be the caller's own policies, and nothing the default.
  const said = [[], "", [""], null].map((policies) => ({ policies, renewable: true }));
  assert.deepEqual(await statuses(named, [...said, { policies: ["ci"], renewable: null }]), [403, 403, 403, 403, 403]);
  assert.equal((await named({ policies: "ci", renewable: false })).status, 200);

  const exchanges = await tokenOf(
    "exchanges",
    `path "oauth2/sts/a" { capabilities = ["read"]\nallowed_parameters = { "audiences" = ["https://a/*"], "*" = [] } }
     path "oauth2/sts/b" { capabilities = ["read"]\ndenied_parameters = { "audiences" = ["https://b"], "resource" = [] } }
     path "oauth2/sts/c" { capabilities = ["read"]\nrequired_parameters = ["audiences"] }`,
  );
  const exchange = (query: unknown) => call(broker, exchanges, "GET", `oauth2/sts/${query}`);
  const refused = [
    ...["a?audiences=https://a/x,https://b", "a?audience=https://b", "b?audience=https://b", "b?resources=https://b"],
    ...["b?audiences=https://a&audiences=%20https://b", "c?audiences=,", "c"],
  ];
  assert.deepEqual([...new Set(await statuses(exchange, refused))], [403]);
  // There is no such credential: the policy has let them through.
  const passed = ["a?audience=https://a/x,https://a/y&resource=https://b", "b?audience=https://a", "c?audience=x"];
  assert.deepEqual([...new Set(await statuses(exchange, passed))], [404]);

  const starts = await tokenOf(
    "starts",
    'path "sessions" { capabilities = ["update"]\nallowed_parameters = { "server" = [], "allow_tools" = ["read*"] }\nrequired_parameters = ["allow_tools"] }',
  );
  const start = (allow_tools: unknown) => call(broker, starts, "POST", "/sessions", { server: "none", allow_tools });
  assert.deepEqual(await statuses(start, ["read_a,delete", "", [], " , ", null]), [403, 403, 403, 403, 403]);
  assert.equal((await start("read_a, read_b")).status, 400);
});

test("ST-58 what is emptied is sent: a role keeps its addresses from whoever may not touch them, or must say which", async (t) => {
  const broker = await startCoatcheck(t);
  assert.equal((await call(broker, ROOT_TOKEN, "POST", "sys/auth/approle", { type: "approle" })).status, 204);
  const path = "auth/approle/role/ci";
  const bound = { token_bound_cidrs: ["10.0.0.0/8"] };
  assert.equal((await call(broker, ROOT_TOKEN, "POST", path, bound)).status, 204);
  const rules = [
    'denied_parameters = { "token_bound_cidrs" = [] }',
    'allowed_parameters = { "token_ttl" = [] }',
    'allowed_parameters = { "token_ttl" = [], "token_bound_cidrs" = ["10.*"] }',
    'required_parameters = ["token_bound_cidrs"]\nallowed_parameters = { "token_ttl" = [], "token_bound_cidrs" = ["10.*"] }',
  ];
  for (const [at, rule] of rules.entries()) {
    await policy(broker, `junior${at}`, `path "${path}" { capabilities = ["update"]\n${rule} }`);
    const { client_token: token } = await child(broker, { policies: [`junior${at}`] });
    for (const name of ["token_bound_cidrs", "bound_cidrs"]) {
      for (const emptied of [[], "", [""], null]) {
        const { status } = await call(broker, token, "POST", path, { token_ttl: "1m", [name]: emptied });
        assert.equal(status, 403, `${rule} ${name} ${JSON.stringify(emptied)}`);
      }
    }
    const kept = at < 3 ? {} : bound;
    assert.equal((await call(broker, token, "POST", path, { token_ttl: "1m", ...kept })).status, 204, rule);
  }
  assert.deepEqual((await call(broker, ROOT_TOKEN, "GET", path)).data.token_bound_cidrs, bound.token_bound_cidrs);
});

test("ST-59 a policy is guarded under whatever case its name is sent in", async (t) => {
  const broker = await startCoatcheck(t);
  await policy(broker, "admin", 'path "*" { capabilities = ["read"] }');
  const rules = ["sys/policies/acl", "sys/policy"].map(
    (path) => `path "${path}/*" { capabilities = ["read", "update", "delete"] }
      path "${path}/admin" { capabilities = ["deny"] }`,
  );
  await policy(broker, "writer", rules.join("\n"));
  const { client_token: token } = await child(broker, { policies: ["writer"] });
  for (const path of ["sys/policies/acl", "sys/policy"]) {
    for (const name of ["admin", "ADMIN", "%41dmin"]) {
      for (const method of ["GET", "PUT", "DELETE"]) {
        const body = method === "PUT" ? { policy: 'path "x" { capabilities = ["read"] }' } : undefined;
        assert.equal((await call(broker, token, method, `${path}/${name}`, body)).status, 403, `${method} ${name}`);
      }
    }
    assert.equal((await call(broker, token, "PUT", `${path}/CI`, { policy: 'path "x" {}' })).status, 204);
  }
});

test("ST-60 whoever asks what a token may do asks about 1,000 paths at most", async (t) => {
  const broker = await startCoatcheck(t);
  const { client_token: token } = await child(broker, { policies: ["default"] });
  const ask = (many: number) => call(broker, token, "POST", "sys/capabilities-self", { paths: Array(many).fill("a") });
  assert.equal((await ask(1_000)).status, 200);
  assert.deepEqual((await ask(1_001)).errors, ["at most 1000 paths can be asked for at once"]);
});

test("ST-37 a policy that is named like a member of every object is a policy like others", async (t) => {
  const broker = await startCoatcheck(t);
  assert.equal((await call(broker, ROOT_TOKEN, "GET", "sys/policies/acl/constructor")).status, 404);
  const { client_token: token } = await child(broker, { policies: ["constructor"] });
  await policy(broker, "constructor", 'path "oauth2/creds/none" { capabilities = ["read"] }');
  assert.equal((await call(broker, token, "GET", "oauth2/creds/none")).status, 404);
  assert.equal((await call(broker, ROOT_TOKEN, "DELETE", "sys/policies/acl/constructor")).status, 204);
  assert.equal((await call(broker, token, "GET", "oauth2/creds/none")).status, 403);
});
