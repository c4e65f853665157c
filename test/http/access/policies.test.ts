import assert from "node:assert/strict";
import { test } from "node:test";
import vault from "node-vault";
import { type Real, startReal } from "../start-real.ts";

const RULES = 'path "oauth2/creds/ci" { capabilities = ["read"] }';

/** A request as a client sends it; its answer's status and body. */
async function ask({ send }: Pick<Real, "send">, method: string, path: string, body?: unknown) {
  const { status, text } = await send(method, `/v1/${path}`, body === undefined ? undefined : JSON.stringify(body));
  return { status, body: text === "" ? undefined : JSON.parse(text) };
}

test("6.1 policy write, read, list and delete as `bao` and `vault` send them", async (t) => {
  const real = await startReal(t);
  assert.equal((await ask(real, "PUT", "sys/policies/acl/CI", { policy: RULES })).status, 204);
  const read = await ask(real, "GET", "sys/policies/acl/ci");
  assert.deepEqual(read.body.data, { name: "ci", policy: RULES });
  assert.deepEqual((await ask(real, "GET", "sys/policies/acl?list=true")).body.data, {
    keys: ["ci", "default", "root"],
  });
  assert.equal((await ask(real, "DELETE", "sys/policies/acl/ci")).status, 204);
  assert.deepEqual(await ask(real, "GET", "sys/policies/acl/ci"), { status: 404, body: { errors: [] } });
  assert.equal((await ask(real, "DELETE", "sys/policies/acl/ci")).status, 204);
});

test("6.1 the older form, by node-vault: rules, and keys at top level too", async (t) => {
  const { address, token } = await startReal(t);
  const client = vault({ endpoint: address, token });
  await client.addPolicy({ name: "ci", rules: Buffer.from(RULES).toString("base64") });
  const all = await client.policies();
  assert.deepEqual([all.policies, all.keys, all.data.policies], Array(3).fill(["ci", "default", "root"]));
  const one = await client.getPolicy({ name: "ci" });
  assert.deepEqual([one.name, one.rules, one.data], ["ci", RULES, { name: "ci", rules: RULES }]);
  await client.removePolicy({ name: "ci" });
  await assert.rejects(client.getPolicy({ name: "ci" }), ({ response }: { response?: { statusCode: number } }) => {
    return response?.statusCode === 404;
  });
});

test("6.1 root is read, and neither written nor deleted; default is written, not deleted; a wrong policy stores nothing", async (t) => {
  const real = await startReal(t);
  const acl = (name: string) => `sys/policies/acl/${name}`;
  // "No policy named: root" is what the commands make of an empty text.
  for (const name of ["root", "default"]) {
    assert.match((await ask(real, "GET", acl(name))).body.data.policy, /path "/);
    assert.match((await ask(real, "GET", `sys/policy/${name}`)).body.rules, /path "/);
  }
  const refusals = [
    ["PUT", acl("root"), { policy: RULES }, 'cannot update "root" policy'],
    ["DELETE", acl("root"), undefined, 'cannot delete "root" policy'],
    ["DELETE", acl("default"), undefined, 'cannot delete "default" policy'],
    ["PUT", acl("ci"), {}, "'policy' parameter not supplied or empty"],
    ["PUT", acl("ci"), { policy: `${RULES}#${"x".repeat(65_536)}` }, "a policy may have at most 65536 characters"],
    [
      "PUT",
      acl("ci"),
      { policy: 'path "a" { capabilities = ["fly"] }' },
      'failed to parse policy: path "a": invalid capability "fly"',
    ],
  ] as const;
  for (const [method, path, body, said] of refusals) {
    assert.deepEqual(await ask(real, method, path, body), { status: 400, body: { errors: [said] } });
  }
  assert.equal((await ask(real, "GET", acl("ci"))).status, 404);
  assert.equal((await ask(real, "PUT", acl("default"), { policy: RULES })).status, 204);
  assert.equal((await ask(real, "GET", acl("default"))).body.data.policy, RULES);
});

test("11 what has no answer here says so in a sentence", async (t) => {
  const real = await startReal(t);
  // As `bao` 2.6.2 asks them: namespace, plugin info, lease, operator seal, unseal, step-down, rotate, rekey, generate-root, raft.
  const asked = [
    ...[["GET", "sys/namespaces?list=true"] as const, ["GET", "sys/namespaces/a"] as const],
    ...[["GET", "sys/plugins/catalog/secret?list=true"] as const, ["GET", "sys/plugins/catalog/secret/kv"] as const],
    ...[["PUT", "sys/leases/lookup"] as const, ["PUT", "sys/leases/revoke-prefix/x"] as const],
    ...[["PUT", "sys/seal"] as const, ["PUT", "sys/unseal"] as const, ["PUT", "sys/step-down"] as const],
    ...[["POST", "sys/rotate/keyring"] as const, ["GET", "sys/rekey/init"] as const],
    ...[["PUT", "sys/generate-root-token/attempt"] as const, ["GET", "sys/storage/raft/snapshot"] as const],
    ...[["DELETE", "sys/namespaces/a/b"] as const, ["HEAD", "sys/seal/"] as const, ["GET", "sys/%73eal"] as const],
  ];
  for (const [method, path] of asked) {
    const { status, body } = await ask(real, method, path);
    assert.equal(status, 400, path);
    if (method !== "HEAD") assert.match(String(body.errors), /\w+ \w+ \w+/, path);
  }
});

test("11 the catalogue that `bao plugin list` reads has what is built in", async (t) => {
  const { body } = await ask(await startReal(t), "GET", "sys/plugins/catalog");
  assert.deepEqual(body.data.secret, ["oauthapp"]);
  assert.deepEqual(body.data.database, []);
  assert.deepEqual(body.data.auth, ["approle", "cert", "jwt", "kubernetes", "oidc", "token"]);
  assert.equal(body.data.detailed.length, 7);
  for (const one of body.data.detailed)
    assert.deepEqual([typeof one.name, typeof one.type, one.builtin], ["string", "string", true]);
});

test("6.1 a token is told what it may do, at top level too", async (t) => {
  const real = await startReal(t);
  const one = await ask(real, "POST", "sys/capabilities-self", { paths: ["oauth2/creds/ci"] });
  assert.deepEqual(
    [one.body.capabilities, one.body.data],
    [["root"], { capabilities: ["root"], "oauth2/creds/ci": ["root"] }],
  );
  const two = await ask(real, "PUT", "sys/capabilities-self", { path: "a,b" });
  assert.deepEqual(two.body.data, { a: ["root"], b: ["root"] });
  assert.equal((await ask(real, "PUT", "sys/capabilities-self", {})).status, 400);
});
