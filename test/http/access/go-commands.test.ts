import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { startJwtIssuer } from "../../servers/jwt-issuer.ts";
import { startCoatcheck } from "../../support/coatcheck.ts";
import { ROOT_TOKEN } from "../../support/request.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { send as sendBare, type Told } from "./stage.ts";

/** As OpenBao's and Vault's Go client send requests: no Content-Type, a line's end behind the JSON, `null` for nothing (api/request.go). */
function goClient(address: string) {
  return (method: string, path: string, body?: unknown, { token = "", wrap = "" } = {}) =>
    sendBare(`${address}/v1/${path}`, method, body === undefined ? undefined : `${JSON.stringify(body)}\n`, {
      "user-agent": "Go-http-client/1.1",
      "accept-encoding": "gzip",
      "x-vault-request": "true",
      ...(token !== "" && { "x-vault-token": token }),
      ...(wrap !== "" && { "x-vault-wrap-ttl": wrap }),
    });
}

/** What `auth enable` sends (api/sys_mounts.go). */
const MOUNT = {
  ...{ description: "", local: false, seal_wrap: false, external_entropy_access: false, options: null },
  config: { options: null, default_lease_ttl: "", max_lease_ttl: "", force_no_cache: false },
};

test("8 the requests of `auth enable`, `policy write`, `write auth/…/role`, and logins by AppRole, JWT and Kubernetes", async (t) => {
  const [broker, issuer] = [await startCoatcheck(t), await startJwtIssuer(t)];
  const send = goClient(broker.running.address);
  const operator = { token: ROOT_TOKEN };
  const done = async (method: string, path: string, body: unknown) => {
    const { status, errors } = await send(method, path, body, operator);
    assert.equal(status, 204, `${path}: ${errors.join()}`);
  };
  for (const type of ["approle", "jwt", "kubernetes"]) await done("POST", `sys/auth/${type}`, { type, ...MOUNT });
  await done("PUT", "sys/policies/acl/ci", { policy: 'path "auth/token/create" { capabilities = ["update"] }' });

  await done("PUT", "auth/approle/role/ci", { token_policies: "ci", token_ttl: "20m", secret_id_num_uses: "2" });
  const { data: role } = await send("GET", "auth/approle/role/ci/role-id", undefined, operator);
  const made = await send("PUT", "auth/approle/role/ci/secret-id", null, { ...operator, wrap: "60s" });
  assert.ok(made.wrap_info);
  const { data: secret } = await send("PUT", "sys/wrapping/unwrap", null, { token: made.wrap_info.token });
  const byRole = await send("PUT", "auth/approle/login", { role_id: role.role_id, secret_id: secret.secret_id });

  await done("PUT", "auth/jwt/config", { oidc_discovery_url: issuer.issuer, default_role: "ci" });
  const claims = { sub: "job", aud: "us" };
  await done("PUT", "auth/jwt/role/ci", {
    ...{ role_type: "jwt", user_claim: "sub", bound_audiences: "us", bound_claims: { sub: "job" } },
    ...{ token_policies: "ci", token_ttl: "5m" },
  });
  const now = Math.floor(broker.clock.now() / 1000);
  const byJwt = await send("PUT", "auth/jwt/login", { role: "ci", jwt: issuer.tokens.make(now, claims) });

  await done("PUT", "auth/kubernetes/config", { issuer: issuer.issuer });
  await done("PUT", "auth/kubernetes/role/ci", {
    ...{ bound_service_account_names: "runner", bound_service_account_namespaces: "build", audience: "us" },
    token_policies: "ci,default",
  });
  const account = { namespace: "build", serviceaccount: { name: "runner", uid: "2e1c" } };
  const pod = issuer.tokens.make(now, { ...claims, "kubernetes.io": account });
  const byPod = await send("PUT", "auth/kubernetes/login", { role: "ci", jwt: pod });

  for (const [name, { auth, errors }] of Object.entries({ byRole, byJwt, byPod })) {
    assert.ok(auth, `${name}: ${errors.join()}`);
    assert.deepEqual([auth.policies, auth.token_type, auth.orphan], [["ci", "default"], "service", true], name);
    const token = auth.client_token;
    // `login` and the agent look at it, then renew it; `token create` has a child.
    const self = await send("GET", "auth/token/lookup-self", undefined, { token });
    assert.equal(self.data.accessor, auth.accessor, name);
    assert.equal((await send("PUT", "auth/token/renew-self", { increment: 0 }, { token })).auth?.client_token, token);
    const create = { display_name: "", num_uses: 0, renewable: true, ttl: "1m", type: "service", entity_alias: "" };
    const { auth: made } = await send("POST", "auth/token/create", { policies: ["ci"], ...create }, { token });
    assert.equal(made?.lease_duration, 60, name);
  }
  const wrong = await send("PUT", "auth/approle/login", { role_id: "x", secret_id: "y" });
  assert.equal(wrong.status, 400);
});

test("5 the requests of `token create -role` and `audit enable`", async (t) => {
  const broker = await startCoatcheck(t);
  const send = goClient(broker.running.address);
  const operator = { token: ROOT_TOKEN };
  const role = { allowed_policies: "ci", orphan: "true", token_period: "1h" };
  assert.equal((await send("PUT", "auth/token/roles/deploy", role, operator)).status, 204);
  const create = {
    policies: ["ci"],
    display_name: "",
    num_uses: 0,
    renewable: true,
    type: "service",
    entity_alias: "",
  };
  const { auth } = await send("POST", "auth/token/create/deploy", create, operator);
  assert.deepEqual([auth?.policies, auth?.orphan, auth?.lease_duration], [["ci", "default"], true, 3_600]);

  const path = join(temporaryFolder(t), "audit.log");
  const device = { type: "file", description: "", options: { file_path: path }, local: false };
  assert.equal((await send("PUT", "sys/audit/file", device, operator)).status, 204);
  const listed = await send("GET", "sys/audit", undefined, operator);
  assert.deepEqual(Object.keys(listed.data), ["file/"]);
  assert.match(readFileSync(path, "utf8"), /"path":"sys\/audit"/);
});

const PUBLIC_KEY = generateKeyPairSync("ed25519").publicKey.export({ type: "spki", format: "pem" });

/** What `bao` 2.6.2, Terraform's provider 5.9.0 (Terraform 1.5.7) and hvac 2.4.0 sent to a broker, and the status that lets them go on. */
const RECORDED = [
  ["bao auth tune -max-lease-ttl=4h jwt/", "POST", "sys/mounts/auth/jwt/tune", { max_lease_ttl: "4h" }, 204],
  ["terraform vault_auth_backend", "POST", "sys/auth/tf", { type: "approle", ...MOUNT }, 204],
  [
    "terraform vault_auth_backend",
    "POST",
    "sys/mounts/auth/tf/tune",
    { default_lease_ttl: "1h", max_lease_ttl: "2h" },
    204,
  ],
  ["terraform vault_auth_backend", "GET", "sys/mounts/auth/tf", undefined, 200],
  ["terraform vault_auth_backend", "GET", "sys/mounts/auth/tf/tune", undefined, 200],
  [
    "terraform vault_jwt_auth_backend",
    "PUT",
    "auth/jwt/config",
    { oidc_discovery_url: "", jwks_url: "", jwt_validation_pubkeys: [PUBLIC_KEY], namespace_in_state: true },
    204,
  ],
  ["terraform vault_jwt_auth_backend", "GET", "auth/jwt/config", undefined, 200],
  ["hvac read_auth_method_tuning", "GET", "sys/auth/tf/tune", undefined, 200],
  ["bao plugin list", "GET", "sys/plugins/catalog", undefined, 200],
  ["bao auth disable tf", "DELETE", "sys/auth/tf", undefined, 204],
] as const;

test("10 requests that clients were seen to send for methods of logging in", async (t) => {
  const send = goClient((await startCoatcheck(t)).running.address);
  const operator = { token: ROOT_TOKEN };
  assert.equal((await send("POST", "sys/auth/jwt", { type: "jwt", ...MOUNT }, operator)).status, 204);
  const answers = new Map<string, Told>();
  for (const [who, method, path, body, status] of RECORDED) {
    const told = await send(method, path, body, operator);
    assert.equal(told.status, status, `${who}: ${told.errors.join()}`);
    answers.set(`${method} ${path}`, told);
  }
  assert.equal(answers.get("GET sys/mounts/auth/tf")?.data.type, "approle");
  // Its second plan compares it with what it has written, or would have.
  assert.equal(answers.get("GET auth/jwt/config")?.data.namespace_in_state, true);
  const { default_lease_ttl: usual, max_lease_ttl: most } = answers.get("GET sys/mounts/auth/tf/tune")?.data ?? {};
  assert.deepEqual([usual, most], [3_600, 7_200]);
  const tuned = await send("GET", "sys/auth/jwt/tune", undefined, operator);
  assert.equal(tuned.data.max_lease_ttl, 14_400);
  // Nobody tunes a way in by a rule for mounts alone: it wants `sudo`, as by its other name.
  await send("PUT", "sys/policies/acl/m", { policy: 'path "sys/mounts/*" { capabilities = ["update"] }' }, operator);
  const { auth } = await send("POST", "auth/token/create", { policies: ["m"] }, operator);
  const by = { token: auth?.client_token ?? "" };
  assert.equal((await send("POST", "sys/mounts/auth/jwt/tune", { max_lease_ttl: "9h" }, by)).status, 403);
});

/** What Terraform's `vault_mount` and `bao` send for mounts of the engine (github.com/openbao/openbao, api/sys_mounts.go), in their order. */
test("4 the requests of `secrets enable`, `tune`, `list`, `move` and `disable`", async (t) => {
  const send = goClient((await startCoatcheck(t)).running.address);
  const operator = { token: ROOT_TOKEN };
  const done = async (method: string, path: string, body?: unknown) => {
    const { status, errors, data } = await send(method, path, body, operator);
    assert.ok(status === 200 || status === 204, `${method} ${path}: ${status} ${errors.join()}`);
    return data;
  };
  await done("POST", "sys/mounts/team/b", { type: "oauthapp", ...MOUNT });
  const unchanged = { options: null, default_lease_ttl: "", max_lease_ttl: "", force_no_cache: false };
  await done("POST", "sys/mounts/team/b/tune", { ...unchanged, default_lease_ttl: "1h" });
  await done("POST", "sys/mounts/team/b/tune", { ...unchanged, description: "of a team" });
  const tuned = await done("GET", "sys/mounts/team/b/tune");
  assert.deepEqual([tuned.default_lease_ttl, tuned.max_lease_ttl], [3_600, 0]);
  await done("POST", "sys/mounts/team/b/tune", { default_lease_ttl: "system", max_lease_ttl: 7_200 });
  const one = await done("GET", "sys/mounts/team/b");
  const lives = { default_lease_ttl: 0, max_lease_ttl: 7_200, force_no_cache: false };
  assert.deepEqual([one.description, one.config], ["of a team", lives]);
  assert.deepEqual(Object.keys(await done("GET", "sys/mounts")), ["oauth2/", "team/b/"]);
  const { migration_id: id } = await done("POST", "sys/remount", { from: "team/b/", to: "c/" });
  const { migration_info: info } = await done("GET", `sys/remount/status/${id}`);
  assert.deepEqual(info, { source_mount: "team/b", target_mount: "c", status: "success" });
  await done("PUT", "c/config", { tune_pending_status_code: 400 });
  await done("DELETE", "sys/mounts/c");
  assert.deepEqual(Object.keys(await done("GET", "sys/mounts")), ["oauth2/"]);
});
