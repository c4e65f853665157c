import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import vault from "node-vault";
import { isLike } from "../../../src/access/like.ts";
import { startJwtIssuer } from "../../servers/jwt-issuer.ts";
import { startCoatcheck } from "../../support/coatcheck.ts";
import { ROOT_TOKEN } from "../../support/request.ts";
import { call, policy } from "./stage.ts";

/** What GitHub tells of a job (docs.github.com/actions/reference/openid-connect-reference). */
const GITHUB = {
  sub: "repo:octo-org/octo-repo:ref:refs/heads/main",
  aud: "https://broker.example",
  repository: "octo-org/octo-repo",
  repository_id: "74",
  ref: "refs/heads/main",
  workflow: "release",
};

const ROLE = {
  role_type: "jwt",
  user_claim: "repository",
  bound_audiences: "https://broker.example",
  bound_claims: { repository: "octo-org/octo-repo", ref: ["refs/heads/main", "refs/heads/next"] },
  claim_mappings: { workflow: "workflow" },
  token_policies: ["ci"],
  token_ttl: "5m",
};

type Test = Parameters<typeof startCoatcheck>[0];

/** A broker that trusts an issuer, and a job's login with claims of its own. */
async function stage(t: Test, role: Readonly<Record<string, unknown>> = ROLE, config?: (issuer: string) => object) {
  const [broker, issuer] = [await startCoatcheck(t), await startJwtIssuer(t)];
  const ask = (method: string, path: string, body?: unknown) => call(broker, ROOT_TOKEN, method, path, body);
  await ask("POST", "sys/auth/jwt", { type: "jwt" });
  const configured = config?.(issuer.issuer) ?? { oidc_discovery_url: issuer.issuer, default_role: "ci" };
  assert.deepEqual((await ask("POST", "auth/jwt/config", configured)).errors, []);
  await policy(broker, "ci", 'path "oauth2/config" { capabilities = ["read"] }');
  assert.deepEqual((await ask("POST", "auth/jwt/role/ci", role)).errors, []);
  const now = () => Math.floor(broker.clock.now() / 1000);
  const sign = (claims: object = {}, header = {}) => issuer.tokens.make(now(), { ...GITHUB, ...claims }, header);
  const login = (claims: object = {}, more: object = {}) =>
    call(broker, "", "POST", "auth/jwt/login", { role: "ci", jwt: sign(claims), ...more });
  return { broker, issuer, ask, sign, login, now };
}

test("8 vault-action's login by the JWT of a job, and what its token may do", async (t) => {
  const { broker, sign } = await stage(t);
  // As @actions/vault-action 3.4 sends it, with an empty namespace.
  const response = await fetch(`${broker.running.address}/v1/auth/jwt/login`, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json", "x-vault-namespace": "" },
    body: JSON.stringify({ role: "ci", jwt: sign() }),
  });
  const { auth, data } = (await response.json()) as { auth: Record<string, unknown>; data: unknown };
  assert.deepEqual([response.status, data], [200, null]);
  assert.deepEqual(auth.policies, ["ci", "default"]);
  assert.deepEqual([auth.lease_duration, auth.metadata], [300, { role: "ci", workflow: "release" }]);
  const self = await call(broker, String(auth.client_token), "GET", "auth/token/lookup-self");
  assert.deepEqual([self.data.path, self.data.display_name], ["auth/jwt/login", "jwt-octo-org/octo-repo"]);
  assert.equal((await call(broker, String(auth.client_token), "GET", "oauth2/servers/x")).status, 403);
  assert.doesNotMatch(broker.logged.join(), /eyJ/);
});

test("8 node-vault, unmodified, logs in by JWT; the same name is the same entity", async (t) => {
  const { broker, sign, login } = await stage(t);
  const client = vault({ endpoint: broker.running.address });
  const { auth } = await client.jwtLogin({ role: "ci", jwt: sign() });
  assert.equal((await client.tokenLookupSelf()).data.entity_id, auth.entity_id);
  assert.equal((await login()).auth?.entity_id, auth.entity_id);
  assert.notEqual((await login({ repository: "octo-org/octo-repo", sub: "x" })).auth?.accessor, auth.accessor);
});

test("ST-87 ST-125 a JWT that does not hold opens nothing, and nobody is told why", async (t) => {
  const { broker, issuer, login, now, sign } = await stage(t);
  const other = await startJwtIssuer(t);
  const [head = "", body = "", signature = ""] = sign().split(".");
  const unsigned = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${body}.`;
  const changed = `${head}.${Buffer.from(JSON.stringify({ ...GITHUB, iss: issuer.issuer, exp: now() + 60 })).toString("base64url")}.${signature}`;
  other.tokens.rotate("k1");
  const claims = { ...GITHUB, iss: issuer.issuer };
  const bad: readonly (readonly [string, string])[] = [
    ["another key of the same id", other.tokens.make(now(), claims)],
    ["no signature", unsigned],
    ["changed claims", changed],
    ["no JWT", "x"],
    ["nothing", ""],
    ["HMAC", sign({}, { alg: "HS256" })],
    ["another issuer", sign({ iss: other.issuer })],
    ["another audience", sign({ aud: "https://else.example" })],
    ["no audience", sign({ aud: undefined })],
    ["another repository", sign({ repository: "octo-org/fork" })],
    ["another branch", sign({ ref: "refs/heads/wip" })],
    ["a branch that is missing", sign({ ref: undefined })],
    ["expired", sign({ iat: now() - 900, exp: now() - 61 })],
    ["not yet", sign({ nbf: now() + 61 })],
    ["ST-125 a time that is a text", sign({ exp: String(now() + 60) })],
    ["ST-125 an end in 1970", sign({ exp: 0 })],
    ["no times", sign({ iat: undefined, exp: undefined })],
    ["no name", sign({ repository: undefined })],
  ];
  const words = "login refused: what was sent is not valid here; the broker's log says why";
  for (const [what, jwt] of bad) {
    const { status, errors } = await login({}, { jwt });
    assert.deepEqual([status, errors], [400, [words]], what);
  }
  assert.deepEqual((await login({}, { role: "none" })).errors, [words]);
  // Clocks differ by a minute.
  assert.equal((await login({ nbf: now() + 59 })).status, 200);
  assert.equal((await login({ exp: now() - 59 })).status, 200);
  assert.equal((await login({ ref: "refs/heads/next" }, { role: "" })).status, 200, "the default role");
  assert.match(broker.logged.join(), /login_refused.*another audience/);
});

test("8 key sets are kept; a key that is not among them is looked up at once, and no oftener than each 5 s", async (t) => {
  const { broker, issuer, login, sign } = await stage(t);
  assert.equal((await login()).status, 200);
  assert.equal((await login()).status, 200);
  assert.equal(issuer.asked(), 1);
  issuer.tokens.rotate("k2");
  assert.equal((await login()).status, 200, "the new key");
  assert.equal(issuer.asked(), 2);
  const unknown = sign({}, { kid: "made up" });
  issuer.tokens.rotate("k3");
  for (let guess = 0; guess < 5; guess++) await login({}, { jwt: sign({}, { kid: `made up ${guess}` }) });
  assert.equal(issuer.asked(), 2);
  assert.equal((await login({}, { jwt: unknown })).status, 503);
  await broker.pass(5_000);
  assert.equal((await login()).status, 200);
  assert.equal(issuer.asked(), 3);
  issuer.fail();
  await broker.pass(3_600_000);
  assert.equal((await login()).status, 200, "keys that were known stand in");
});

test("8 by a key set's URL, and by keys that are given, in PEM", async (t) => {
  const byUrl = await stage(t, ROLE, (issuer) => ({ jwks_url: `${issuer}/keys`, bound_issuer: issuer }));
  assert.equal((await byUrl.login()).status, 200);
  assert.equal((await byUrl.login({ iss: "https://else.example" })).status, 400);
  const [jwk = {}] = byUrl.issuer.tokens.jwks.keys;
  const { createPublicKey } = await import("node:crypto");
  const pem = createPublicKey({ key: jwk, format: "jwk" }).export({ type: "spki", format: "pem" });
  const other = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ type: "spki", format: "pem" });
  const { ask, login, issuer } = byUrl;
  const wrong = await ask("POST", "auth/jwt/config", { jwt_validation_pubkeys: [pem] });
  assert.match(wrong.errors.join(), /exactly one of/);
  assert.deepEqual(
    (await ask("POST", "auth/jwt/config", { jwks_url: "", jwt_validation_pubkeys: [other, pem] })).errors,
    [],
  );
  assert.equal((await login({ iss: issuer.issuer })).status, 200);
  assert.deepEqual((await ask("POST", "auth/jwt/config", { jwt_supported_algs: "ES256" })).errors, []);
  assert.equal((await login()).status, 400);
  const read = (await ask("GET", "auth/jwt/config")).data;
  assert.deepEqual(
    [read.jwt_supported_algs, read.jwt_validation_pubkeys],
    [["ES256"], [String(other).trim(), String(pem).trim()]],
  );
});

test("ST-88 keys are looked up where the address policy allows it alone", async (t) => {
  const broker = await startCoatcheck(t, { networks: "" });
  const issuer = await startJwtIssuer(t);
  const ask = (method: string, path: string, body?: unknown) => call(broker, ROOT_TOKEN, method, path, body);
  await ask("POST", "sys/auth/jwt", { type: "jwt" });
  const found = await ask("POST", "auth/jwt/config", { oidc_discovery_url: issuer.issuer });
  assert.equal(found.status, 400);
  await ask("POST", "auth/jwt/config", { jwks_url: `${issuer.issuer}/keys` });
  await ask("POST", "auth/jwt/role/ci", ROLE);
  const jwt = issuer.tokens.make(Math.floor(broker.clock.now() / 1000), GITHUB);
  assert.equal((await call(broker, "", "POST", "auth/jwt/login", { role: "ci", jwt })).status, 503);
  assert.equal(issuer.asked(), 0);
});

test("8 bound claims: GitLab's by globs, a service account's by JSON pointers, numbers and booleans", async (t) => {
  const { broker, login } = await stage(t, {
    ...ROLE,
    user_claim: "/kubernetes.io/namespace",
    user_claim_json_pointer: true,
    bound_claims_type: "glob",
    bound_claims: { "/kubernetes.io/namespace": "team-*", project_path: "group/*/app", ref_protected: true, level: 3 },
  });
  const good = {
    "kubernetes.io": { namespace: "team-a" },
    project_path: "group/x/y/app",
    ref_protected: "true",
    level: 3,
  };
  const { auth } = await login(good);
  const self = (await call(broker, auth?.client_token ?? "", "GET", "auth/token/lookup-self")).data;
  assert.equal(self.display_name, "jwt-team-a");
  assert.equal((await login({ ...good, project_path: "group/app" })).status, 400);
  assert.equal((await login({ ...good, level: 4 })).status, 400);
});

test("8 a `*` of a glob stands for any characters, and takes no longer than the text", () => {
  const yes: readonly (readonly [string, string])[] = [
    ["*", ""],
    ["a*", "a"],
    ["*a", "ba"],
    ["a*c*e", "abcde"],
    ["repo:o/*:ref:*", "repo:o/r:ref:x"],
    ["a*a", "aa"],
    ["**", "x"],
  ];
  const no: readonly (readonly [string, string])[] = [
    ["a*a", "a"],
    ["a*", "ba"],
    ["a*b*b", "ab"],
    ["", "x"],
    ["abc", "ab"],
    ["a*c*d", "acxd1"],
  ];
  for (const [pattern, text] of yes) assert.equal(isLike(pattern, text), true, `${pattern} ${text}`);
  for (const [pattern, text] of no) assert.equal(isLike(pattern, text), false, `${pattern} ${text}`);
  assert.equal(isLike("a*".repeat(2_000), "a".repeat(10_000)), true);
});

test("8 a role of JWT says what is missing, and an audience that nobody asked for is refused", async (t) => {
  const { ask, login } = await stage(t, { ...ROLE, bound_audiences: [], bound_claims: {}, bound_subject: GITHUB.sub });
  assert.equal((await login()).status, 400, "made for somebody else");
  assert.equal((await login({ aud: undefined })).status, 200);
  const wrong = async (role: object) => (await ask("POST", "auth/jwt/role/x", role)).errors.join();
  assert.match(await wrong({ bound_subject: "x" }), /a user claim must be defined/);
  assert.match(await wrong({ user_claim: "sub" }), /at least one bound constraint/);
  assert.match(await wrong({ user_claim: "sub", bound_claims: { a: { b: 1 } } }), /a value or a list of values/);
  assert.match(
    await wrong({ user_claim: "sub", bound_subject: "x", bound_claims_type: "regexp" }),
    /"string" or "glob"/,
  );
  assert.equal((await ask("GET", "auth/jwt/role?list=true")).data.keys?.toString(), "ci");
});

test("ST-142 a login as a role that is not there has its token verified like any other", async (t) => {
  const { issuer, login } = await stage(t);
  const refused = async (role: string) => (await login({ aud: "https://else.example" }, { role })).errors;
  assert.deepEqual(await refused("nobody"), await refused("ci"));
  assert.equal(issuer.asked(), 1);
  const another = await stage(t);
  await another.login({}, { role: "nobody" });
  assert.equal(another.issuer.asked(), 1, "also where nobody has asked for its keys yet");
});
