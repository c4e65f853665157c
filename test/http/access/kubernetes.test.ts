import assert from "node:assert/strict";
import { createServer } from "node:http";
import { type TestContext, test } from "node:test";
import { portOf } from "../../servers/free-port.ts";
import { startJwtIssuer } from "../../servers/jwt-issuer.ts";
import { startCoatcheck } from "../../support/coatcheck.ts";
import { ROOT_TOKEN } from "../../support/request.ts";
import { call } from "./stage.ts";

const ACCOUNT = { namespace: "build", serviceaccount: { name: "runner", uid: "2e1c" } };
const CLAIMS = { aud: ["coatcheck"], sub: "system:serviceaccount:build:runner", "kubernetes.io": ACCOUNT };
const ROLE = {
  bound_service_account_names: "runner",
  bound_service_account_namespaces: "build,test-*",
  audience: "coatcheck",
  token_policies: "ci",
};

interface Review {
  readonly spec: { readonly token: string; readonly audiences?: readonly string[] };
}

/** What of a cluster's API server reviews tokens: those that it knows, for an audience. */
async function startApiServer(t: TestContext, reviewer: string) {
  const users = new Map<string, object>();
  const asked: Review[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const isRight = request.url === "/apis/authentication.k8s.io/v1/tokenreviews" && request.method === "POST";
    const mayAsk = request.headers.authorization === `Bearer ${reviewer}`;
    response.writeHead(!isRight ? 404 : mayAsk ? 201 : 403, { "content-type": "application/json" });
    if (!isRight || !mayAsk) return response.end("{}");
    const review: Review = JSON.parse(Buffer.concat(chunks).toString());
    asked.push(review);
    const user = users.get(review.spec.token);
    const status = user ? { authenticated: true, user, audiences: review.spec.audiences } : { authenticated: false };
    return response.end(JSON.stringify({ ...review, status }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => new Promise((resolve) => server.close(resolve)));
  return { url: `http://127.0.0.1:${portOf(server)}`, users, asked };
}

async function stage(t: TestContext) {
  const [broker, issuer] = [await startCoatcheck(t), await startJwtIssuer(t)];
  const ask = (method: string, path: string, body?: unknown) => call(broker, ROOT_TOKEN, method, path, body);
  await ask("POST", "sys/auth/kubernetes", { type: "kubernetes" });
  assert.deepEqual((await ask("POST", "auth/kubernetes/role/ci", ROLE)).errors, []);
  const sign = (claims: object = {}) =>
    issuer.tokens.make(Math.floor(broker.clock.now() / 1000), { ...CLAIMS, ...claims });
  const login = (jwt: string, role = "ci") => call(broker, "", "POST", "auth/kubernetes/login", { role, jwt });
  return { broker, issuer, ask, sign, login };
}

test("8 kubernetes: the cluster's API server is asked whose a token is", async (t) => {
  const { broker, ask, sign, login } = await stage(t);
  const cluster = await startApiServer(t, "reviewer");
  const config = { kubernetes_host: cluster.url, token_reviewer_jwt: "reviewer" };
  assert.deepEqual((await ask("POST", "auth/kubernetes/config", config)).errors, []);
  const read = await ask("GET", "auth/kubernetes/config");
  assert.equal(read.data.kubernetes_host, cluster.url);
  assert.doesNotMatch(JSON.stringify(read.data), /reviewer"/);
  const token = sign();
  assert.equal((await login(token)).status, 400, "one that it does not know");
  cluster.users.set(token, { username: CLAIMS.sub, uid: "2e1c", groups: ["system:serviceaccounts"] });
  const { auth } = await login(token);
  assert.deepEqual(auth?.metadata, {
    role: "ci",
    service_account_name: "runner",
    service_account_namespace: "build",
    service_account_uid: "2e1c",
  });
  assert.deepEqual(cluster.asked[0]?.spec, { token, audiences: ["coatcheck"] });
  const self = await call(broker, auth?.client_token ?? "", "GET", "auth/token/lookup-self");
  assert.equal(self.data.display_name, "kubernetes-build-runner");
  const before = cluster.asked.length;
  for (const [namespace, name] of [
    ["prod", "runner"],
    ["build", "other"],
  ]) {
    const foreign = sign({ "kubernetes.io": { namespace, serviceaccount: { name, uid: "1" } } });
    assert.equal((await login(foreign)).status, 400);
  }
  assert.equal(cluster.asked.length, before, "what no role takes is not asked about");
  // What the token says of itself is not what counts.
  cluster.users.set(token, { username: "system:serviceaccount:prod:runner", uid: "3" });
  assert.equal((await login(token)).status, 400);
  cluster.users.set(token, { username: "alice", uid: "3" });
  assert.equal((await login(token)).status, 400);
  await ask("POST", "auth/kubernetes/config", { token_reviewer_jwt: "no rights" });
  assert.equal((await login(token)).status, 503);
  assert.match(broker.logged.join(), /token_review_failed.*status 403/);
});

test("ST-192 whoever may configure a method has its secret sent nowhere but where it was given for", async (t) => {
  const { ask, sign, login } = await stage(t);
  const [cluster, theirs] = [await startApiServer(t, "reviewer"), await startApiServer(t, "reviewer")];
  const configure = async (config: object) => (await ask("POST", "auth/kubernetes/config", config)).errors.join();
  assert.equal(await configure({ kubernetes_host: cluster.url, token_reviewer_jwt: "reviewer" }), "");
  const token = sign();
  for (const { users } of [cluster, theirs]) users.set(token, { username: CLAIMS.sub, uid: "2e1c" });
  assert.match(
    await configure({ kubernetes_host: theirs.url }),
    /token_reviewer_jwt was given for another kubernetes_host/,
  );
  assert.equal((await login(token)).status, 200);
  assert.deepEqual([cluster.asked.length, theirs.asked.length], [1, 0]);
  assert.equal(
    await configure({ kubernetes_host: cluster.url, disable_local_ca_jwt: true }),
    "",
    "it stays where it was",
  );
  assert.equal(await configure({ kubernetes_host: theirs.url, token_reviewer_jwt: "" }), "");
  assert.equal(await configure({ kubernetes_host: cluster.url }), "", "there is none");
  assert.equal(await configure({ kubernetes_host: theirs.url, token_reviewer_jwt: "reviewer" }), "");
  assert.equal((await login(token)).status, 200);
  assert.equal(theirs.asked.length, 1);
});

test("8 kubernetes: an issuer and keys that are set hold also where the API server is asked", async (t) => {
  const { ask, sign, login } = await stage(t);
  const { url, users } = await startApiServer(t, "reviewer");
  const token = sign();
  users.set(token, { username: CLAIMS.sub, uid: "2e1c" });
  const configure = async (more: object) =>
    (await ask("POST", "auth/kubernetes/config", { kubernetes_host: url, token_reviewer_jwt: "reviewer", ...more }))
      .errors;
  assert.deepEqual(await configure({}), []);
  assert.equal((await login(token)).status, 200);
  assert.deepEqual(await configure({ issuer: "https://another.example" }), []);
  assert.equal((await login(token)).status, 400);
  assert.match((await configure({ pem_keys: "no key" })).join(), /a key cannot be read/);
});

test("8 kubernetes: without an API server by the cluster's keys, and for an audience alone", async (t) => {
  const { ask, issuer, sign, login } = await stage(t);
  assert.deepEqual((await ask("POST", "auth/kubernetes/config", { issuer: issuer.issuer })).errors, []);
  const { auth } = await login(sign({ "kubernetes.io": { ...ACCOUNT, namespace: "test-1" } }));
  assert.match(JSON.stringify(auth?.metadata), /"service_account_namespace":"test-1"/);
  assert.equal((await login(sign({ aud: ["https://kubernetes.default.svc"] }))).status, 400);
  assert.equal((await login(sign({ iss: "https://else.example" }))).status, 400);
  assert.equal((await login(sign({ exp: 1, iat: 1 }))).status, 400);
  await ask("POST", "auth/kubernetes/role/ci", { audience: "" });
  assert.equal((await login(sign())).status, 400, "anybody's token would do");
  const wrong = async (role: object) => (await ask("POST", "auth/kubernetes/role/x", role)).errors.join();
  assert.match(await wrong({}), /"bound_service_account_names" can not be empty/);
  assert.match(await wrong({ bound_service_account_names: "*", bound_service_account_namespaces: "*" }), /not both/);
  const ca = await ask("POST", "auth/kubernetes/config", { kubernetes_ca_cert: "PEM" });
  assert.match(ca.errors.join(), /--ca-file/);
});
